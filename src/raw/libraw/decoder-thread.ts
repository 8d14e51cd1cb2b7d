import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { type BayerPhase, bayerPhases, type Orientation } from '../frame.js';
import {
  brightestWindow,
  centralWindow,
  type ExposedSamples,
  largestSamples,
  levelsOf,
  type ProbeWindow,
} from './black-levels.js';
import type { DecodedMosaic, DecodeReply, DecodeRequest } from './raw-decoder.js';

/** What is used of LibRaw's description of a file. */
export interface LibRawMetadata {
  readonly width: number;
  readonly height: number;
  readonly raw_width: number;
  readonly raw_height: number;
  readonly raw_pitch: number;
  readonly flip: number;
  readonly camera_make: string;
  readonly camera_model: string;
  readonly iso_speed: number;
  readonly shutter: number;
  readonly aperture: number;
  readonly colors: number;
  readonly filters: number;
  readonly cdesc: string;
  readonly color_data: {
    readonly maximum: number;
    readonly cam_mul: readonly number[];
    readonly pre_mul: readonly number[];
    readonly rgb_cam: readonly (readonly number[])[];
  };
}

export interface LibRawImage {
  readonly width: number;
  readonly height: number;
  readonly colors: number;
  readonly data: Uint16Array;
}

interface LibRawSensor {
  readonly raw_width: number;
  readonly raw_height: number;
  readonly top_margin: number;
  readonly left_margin: number;
  readonly data: Uint16Array;
}

/** One decoder; its memory has to be given back with `delete`. */
export interface LibRawDecoder {
  open(bytes: Uint8Array, settings: Readonly<Record<string, unknown>>): void;
  metadata(full: boolean): LibRawMetadata;
  imageData(): LibRawImage | undefined;
  rawImageData(): LibRawSensor | undefined;
  delete(): void;
}

export interface LibRawModule {
  readonly LibRaw: new () => LibRawDecoder;
}

/**
 * LibRaw as compiled in the package libraw-wasm. Its public class needs a browser's worker; the
 * module below it runs in Node when it is handed its program.
 * @param complain receives what LibRaw prints, which is how it reports damaged samples.
 */
export async function loadLibRaw(complain: (line: string) => void): Promise<LibRawModule> {
  const require = createRequire(import.meta.url);
  const script = require.resolve('libraw-wasm/dist/libraw.js');
  const wasmBinary = await readFile(require.resolve('libraw-wasm/dist/libraw.wasm'));
  const { default: create } = (await import(pathToFileURL(script).href)) as {
    default(options: object): Promise<LibRawModule>;
  };
  return await create({ wasmBinary, print: complain, printErr: complain });
}

const complaints: string[] = [];
const module = loadLibRaw((line) => complaints.push(line));
// Whoever asks for a file is told.
module.catch(() => undefined);

parentPort!.on('message', async (request: DecodeRequest) => {
  const reply = decodeMosaic(await module, request, complaints);
  const moved = 'mosaic' in reply ? [reply.mosaic.samples.buffer as ArrayBuffer] : [];
  parentPort!.postMessage(reply, moved);
});

// An image that is the mosaic less its black levels, and nothing else.
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
 * Decodes the mosaic of one file. The sizes that LibRaw reports are checked before samples are unpacked.
 * @param complaints the lines that LibRaw prints.
 */
function decodeMosaic(
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
  let image: ReturnType<LibRawDecoder['imageData']>;
  let sensor: ReturnType<LibRawDecoder['rawImageData']>;
  try {
    image = decoder.imageData();
    sensor = decoder.rawImageData();
  } catch {
    throw new Refusal('input', `its samples cannot be decoded${because(complaints)}`);
  }
  const damage = complaints.find((line) => /corrupt|end of file/i.test(line));
  if (damage !== undefined)
    throw new Refusal('input', `its samples are damaged or cut off${because(complaints)}`);
  const { color_data: colour, raw_pitch: pitch } = decoder.metadata(true);
  if (sensor === undefined || image === undefined)
    throw new Refusal('input', 'LibRaw gives no mosaic of it');
  if (
    image.width !== window.width ||
    image.height !== window.height ||
    image.colors !== 3 ||
    sensor.raw_width !== description.rawWidth ||
    sensor.raw_height !== description.rawHeight ||
    pitch !== 2 * description.rawWidth
  )
    throw new Refusal('input', 'its mosaic is not in rows and columns');
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
  return { ...exposed, ...levelsOf(exposed, window, image), range: colour.maximum };
}

function because(complaints: readonly string[]): string {
  const line = complaints.at(-1)?.replace(/^unknown file: /, '');
  return line === undefined ? '' : ` (LibRaw: ${line})`;
}

// By LibRaw's code, in which 1 mirrors left and right, 2 up and down, and 4 exchanges the axes.
const orientations: readonly Orientation[] = [1, 2, 4, 3, 5, 8, 6, 7];
const smallestSide = 4;

/** What is known of a file before its samples are unpacked. */
interface Description
  extends Omit<DecodedMosaic, 'samples' | 'stride' | 'top' | 'left' | 'black' | 'white' | 'notes'> {
  readonly rawWidth: number;
  readonly rawHeight: number;
}

/**
 * LibRaw's description of a file in this project's terms.
 * @throws Refusal where the file has no Bayer mosaic, or a larger one than `maxPixels`.
 */
export function describe(metadata: LibRawMetadata, maxPixels: number): Description {
  const { raw_width: rawWidth, raw_height: rawHeight, flip } = metadata;
  if (rawWidth * rawHeight > maxPixels)
    throw new Refusal(
      'limit',
      `the sensor has ${rawWidth} x ${rawHeight} samples, the limit is ${maxPixels}; raise \`limits.maxPixels\` to read it`,
    );
  // LibRaw exchanges the sides of images that are to be turned.
  const turned = flip >= 5;
  const width = turned ? metadata.height : metadata.width;
  const height = turned ? metadata.width : metadata.height;
  if (width < smallestSide || height < smallestSide || width > rawWidth || height > rawHeight)
    throw new Refusal('input', `its exposed part of ${width} x ${height} samples means nothing`);
  return {
    rawWidth,
    rawHeight,
    width,
    height,
    phase: phaseOf(metadata),
    ...coloursOf(metadata),
    orientation: orientations[flip] ?? 1,
    exposureSeconds: metadata.shutter,
    iso: metadata.iso_speed,
    aperture: metadata.aperture,
    make: metadata.camera_make,
    model: metadata.camera_model,
  };
}

/** `filters` holds two bits for each filter of eight rows by two columns. */
function phaseOf({ filters, cdesc, colors }: LibRawMetadata): BayerPhase {
  const cell = filters & 255;
  const repeats = [8, 16, 24].every((shift) => ((filters >>> shift) & 255) === cell);
  const letters = [0, 2, 4, 6].map((shift) => cdesc[(cell >> shift) & 3]).join('');
  const phase = bayerPhases.find((name) => name === letters);
  if (phase === undefined || !repeats || colors !== 3)
    throw new Refusal(
      'input',
      'has no mosaic of red, green and blue in cells of 2 x 2 (as X-Trans, Foveon, linear and monochrome files have none), which is what bursts are made of',
    );
  return phase;
}

function coloursOf({
  color_data: { cam_mul: shot, pre_mul: daylight, rgb_cam: rows },
}: LibRawMetadata): Pick<DecodedMosaic, 'asShot' | 'daylight' | 'cameraToRgb'> {
  const matrix = rows.slice(0, 3).flatMap((row) => row.slice(0, 3));
  const identity = matrix.every((value, at) => value === (at % 4 === 0 ? 1 : 0));
  return {
    ...(areFactors(shot) && { asShot: shot.slice(0, 3) }),
    ...(areFactors(daylight) && { daylight: daylight.slice(0, 3) }),
    ...(!identity && matrix.every(Number.isFinite) && { cameraToRgb: matrix }),
  };
}

function areFactors(factors: readonly number[]): boolean {
  return factors.slice(0, 3).every((factor) => factor > 0 && Number.isFinite(factor));
}

/** Why the thread refuses a file; the caller makes an error of it that names the file. */
class Refusal extends Error {
  readonly refused: 'input' | 'limit';

  constructor(refused: 'input' | 'limit', reason: string) {
    super(reason);
    this.refused = refused;
  }
}
