import {
  brightestWindow,
  centralWindow,
  type ExposedSamples,
  largestSamples,
  levelsOf,
  type ProbeWindow,
} from './black-levels.js';
import { type Description, describe } from './description.js';
import type { DecodedMosaic, DecodeReply, DecodeRequest } from './protocol.js';
import { Refusal } from './refusal.js';
import type { LibRawDecoder, LibRawModule } from './wasm.js';

// A picture that is the mosaic less its black levels, and nothing else.
const settings = {
  outputBps: 16,
  outputColor: 0,
  gamm: [1, 1, 0, 0, 0, 0],
  noInterpolation: true,
  noAutoScale: true,
  noAutoBright: true,
  adjustMaximumThr: 0,
  highlight: 1,
  useFujiRotate: 0,
  userFlip: 0,
};

interface Unpacked extends ExposedSamples {
  readonly levels: readonly (number | undefined)[];
  readonly uniform: boolean;
  /** White less the smallest black level. */
  readonly range: number;
}

interface Unpacking {
  readonly description: Description;
  readonly window: ProbeWindow;
  readonly complaints: readonly string[];
}

/**
 * Decodes the mosaic of one file. What LibRaw says of it is checked before samples are unpacked.
 * @param complaints the lines that LibRaw prints.
 */
export function decodeMosaic(
  module: LibRawModule,
  request: DecodeRequest,
  complaints: string[],
): DecodeReply {
  complaints.length = 0;
  const decoder = new module.LibRaw();
  try {
    open(decoder, request.bytes, settings);
    const description = describe(decoder.metadata(true), request.maxPixels);
    const unpackAround = (window: ProbeWindow) =>
      unpack(decoder, request.bytes, { description, window, complaints });
    return { mosaic: decode(description, unpackAround) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refused: error.refused, reason: error.message };
  } finally {
    decoder.delete();
  }
}

function decode(
  description: Description,
  unpackAround: (window: ProbeWindow) => Unpacked,
): DecodedMosaic {
  const { rawWidth: _, rawHeight: __, ...described } = description;
  const { width, height } = described;
  let unpacked = unpackAround(centralWindow(width, height));
  if (unpacked.levels.includes(undefined))
    unpacked = unpackAround(brightestWindow(unpacked, width, height));
  const { samples, stride, top, left, levels, uniform, range } = unpacked;
  const largest = levels.includes(undefined) ? largestSamples(unpacked, width, height) : [];
  const black = levels.map((level, cell) => level ?? largest[cell]!);
  const white = range + Math.min(...black);
  if (!(white > Math.max(...black)))
    throw new Refusal('input', `its white level ${white} is not above its black level`);
  const notes = uniform ? [] : ['its black level varies over the sensor; the mean was taken'];
  const whites = black.map(() => white);
  return { ...described, samples, stride, top, left, black, white: whites, notes };
}

function open(
  decoder: LibRawDecoder,
  bytes: Uint8Array,
  chosen: Readonly<Record<string, unknown>>,
): void {
  try {
    decoder.open(bytes, chosen);
  } catch {
    throw new Refusal('input', 'is no RAW file that LibRaw knows, or its header is damaged');
  }
}

function unpack(
  decoder: LibRawDecoder,
  bytes: Uint8Array,
  { description, window, complaints }: Unpacking,
): Unpacked {
  const cropbox = [window.left, window.top, window.width, window.height];
  open(decoder, bytes, { ...settings, cropbox });
  let picture: ReturnType<LibRawDecoder['imageData']>;
  let sensor: ReturnType<LibRawDecoder['rawImageData']>;
  try {
    picture = decoder.imageData();
    sensor = decoder.rawImageData();
  } catch {
    throw new Refusal('input', `its samples cannot be decoded${because(complaints)}`);
  }
  const damage = complaints.find((line) => /corrupt|end of file/i.test(line));
  if (damage !== undefined)
    throw new Refusal('input', `its samples are damaged or cut off${because(complaints)}`);
  const { color_data: colour, raw_pitch: pitch } = decoder.metadata(true);
  if (sensor === undefined || picture === undefined)
    throw new Refusal('input', 'LibRaw gives no mosaic of it');
  if (
    picture.width !== window.width ||
    picture.height !== window.height ||
    picture.colors !== 3 ||
    sensor.raw_width !== description.rawWidth ||
    sensor.raw_height !== description.rawHeight ||
    pitch !== 2 * description.rawWidth
  )
    throw new Refusal('input', 'its mosaic is not laid out in rows and columns');
  const exposed = {
    samples: sensor.data,
    stride: description.rawWidth,
    top: sensor.top_margin - window.top,
    left: sensor.left_margin - window.left,
  };
  if (
    exposed.left < 0 ||
    exposed.top < 0 ||
    exposed.left + description.width > description.rawWidth ||
    exposed.top + description.height > description.rawHeight
  )
    throw new Refusal('input', 'its exposed part lies beyond its sensor');
  return { ...exposed, ...levelsOf(exposed, window, picture), range: colour.maximum };
}

function because(complaints: readonly string[]): string {
  const line = complaints.at(-1)?.replace(/^unknown file: /, '');
  return line === undefined ? '' : ` (LibRaw: ${line})`;
}
