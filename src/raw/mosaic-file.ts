import { extname } from 'node:path';
import type { SharpOptions } from 'sharp';
import sharp from 'sharp';
import { z } from 'zod';
import type { Camera } from '../degradation/camera/camera.js';
import { invertColourMatrix } from '../degradation/camera/colour-matrix.js';
import { BeyondBytes, readInputText } from '../files/input-file.js';
import { writeFileAtomic } from '../files/write-atomic.js';
import { detectFormat } from '../images/format.js';
import { decoderOptions, decoding, openImage } from '../images/source.js';
import type { Tensor } from '../tensor/tensor.js';
import { InputError, LimitError, OutputError, ParameterError } from '../utils/errors.js';
import { MAX_JSON_BYTES } from '../utils/limits.js';
import {
  type BayerPhase,
  bayerPhases,
  type MosaicWindow,
  type Orientation,
  packMosaic,
  type RawFrame,
  type RawLimits,
} from './frame.js';

/** Whether a file is a mosaic in an image: a PNG by its content, or a TIFF by its name. */
export function isMosaicFile(path: string, bytes: Uint8Array): boolean {
  return detectFormat(bytes) === 'png' || /^\.tiff?$/i.test(extname(path));
}

/**
 * A mosaic in a PNG or TIFF of 16 bits: one channel as the sensor stands, or four, each pixel one
 * cell row by row. NAME.json beside it describes it.
 * @throws InputError where image or description are missing, damaged or something else;
 * LimitError beyond a limit.
 */
export async function readMosaic(
  path: string,
  bytes: Uint8Array,
  limits: Required<RawLimits>,
): Promise<RawFrame> {
  const sidecar = await readSidecar(path);
  const { header, format } = await openImage(bytes, path, limits);
  const { channels, width, height, depth } = header;
  if (depth !== 'ushort' || (channels !== 1 && channels !== 4) || header.space === 'cmyk')
    throw new InputError(
      path,
      `has ${depth === 'ushort' ? 16 : 8} bits in ${channels} channels of ${header.space}; a mosaic has 16 bits in one channel, or in four`,
    );
  if (width * height * channels > limits.maxPixels)
    throw new LimitError(
      path,
      `the mosaic has ${width * height * channels} samples, the limit is ${limits.maxPixels}; raise \`limits.maxPixels\` to read it`,
    );
  const samples = await decoding(path, format, (strictness) =>
    rawSamples(bytes, channels, strictness),
  );
  const mosaic = channels === 1 ? samples : unpackCells(samples, width, height);
  const sides = channels === 1 ? { width, height } : { width: 2 * width, height: 2 * height };
  if (sides.width < 4 || sides.height < 4)
    throw new InputError(path, `${sides.width} x ${sides.height} samples are too few`);
  const { white, black } = levelsOf(path, sidecar);
  const phase = sidecar.phase as BayerPhase;
  const window: MosaicWindow = {
    samples: mosaic,
    stride: sides.width,
    top: 0,
    left: 0,
    ...sides,
    phase,
    black,
    white,
  };
  const { orientation, exposureSeconds, iso, aperture, make, model } = sidecar;
  return {
    name: path,
    packed: packMosaic(window),
    metadata: {
      camera: sidecarCamera(path, sidecar),
      orientation,
      ...(exposureSeconds !== undefined && { exposureSeconds }),
      ...(iso !== undefined && { iso }),
      ...(aperture !== undefined && { aperture }),
      ...(make !== undefined && { make }),
      ...(model !== undefined && { model }),
    },
    sensor: { ...sides, phase },
    notes: [],
  };
}

async function rawSamples(
  bytes: Uint8Array,
  channels: 1 | 4,
  strictness: SharpOptions,
): Promise<Uint16Array> {
  const space = channels === 1 ? 'grey16' : 'rgb16';
  const { data, info } = await sharp(bytes, { ...decoderOptions, ...strictness, ignoreIcc: true })
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`decoded to ${info.channels} channels`);
  return new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
}

/** The mosaic of pixels of four channels, the inverse of packing. */
function unpackCells(cells: Uint16Array, width: number, height: number): Uint16Array {
  const mosaic = new Uint16Array(cells.length);
  for (let y = 0; y < 2 * height; y++)
    for (let x = 0; x < 2 * width; x++)
      mosaic[y * 2 * width + x] = cells[4 * ((y >> 1) * width + (x >> 1)) + 2 * (y & 1) + (x & 1)]!;
  return mosaic;
}

function levelsOf(path: string, sidecar: Sidecar): { black: number[]; white: number[] } {
  const four = (value: number | number[]) =>
    typeof value === 'number' ? new Array<number>(4).fill(value) : value;
  const black = four(sidecar.black);
  const white = four(sidecar.white);
  if (white.some((value, cell) => !(value > black[cell]!)))
    throw new InputError(path, `its white level ${white} is not above its black level ${black}`);
  return { black, white };
}

/**
 * Writes a frame as a 16-bit mosaic, PATH, which has to end in .png, and its description, NAME.json:
 * first the description, then the mosaic, each whole or not at all.
 * @param options.white the sample that stands for 1, 65535 unless given; frames whose values are
 *   whole multiples of its inverse come back bit for bit.
 * @throws ParameterError for another name, shape or level, or values that are no numbers;
 * OutputError where a file cannot be written.
 */
export async function writeMosaic(
  path: string,
  frame: RawFrame,
  options: { readonly white?: number } = {},
): Promise<void> {
  const white = options.white ?? 65535;
  if (!/\.png$/i.test(path)) throw new ParameterError('path', 'a name ending in .png', path);
  if (!(Number.isInteger(white) && white >= 1 && white <= 65535))
    throw new ParameterError('white', 'an integer from 1 to 65535', white);
  const { samples, width, height } = mosaicOf(frame.packed, white);
  const { camera, ...described } = frame.metadata;
  const sidecar = { black: 0, white, phase: 'RGGB', ...camera, ...described };
  const png = await encode(path, samples, width, height);
  await writeFileAtomic(sidecarPath(path), Buffer.from(`${JSON.stringify(sidecar, null, 2)}\n`));
  await writeFileAtomic(path, png);
}

async function encode(
  path: string,
  samples: Uint16Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  try {
    return await sharp(samples, { raw: { width, height, channels: 1 }, limitInputPixels: false })
      .pipelineColourspace('grey16')
      .toColourspace('grey16')
      .png()
      .toBuffer();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new OutputError(path, `cannot be encoded: ${detail}`, { cause });
  }
}

function mosaicOf(packed: Tensor, white: number) {
  const [planes, rows = 0, columns = 0] = packed.shape;
  if (packed.shape.length !== 3 || planes !== 4 || packed.data.length === 0)
    throw new ParameterError('frame', 'a tensor [4, height, width]', packed.shape);
  const samples = new Uint16Array(packed.data.length);
  for (let plane = 0; plane < 4; plane++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const value = packed.data[(plane * rows + row) * columns + column]!;
        if (Number.isNaN(value)) throw new ParameterError('frame', 'numbers', value);
        const at = (2 * row + (plane >> 1)) * 2 * columns + 2 * column + (plane & 1);
        samples[at] = Math.min(Math.max(Math.round(value * white), 0), white);
      }
  return { samples, width: 2 * columns, height: 2 * rows };
}

const positive = z.number().positive();
const level = z.number().min(0).max(65535);
const levels = z.union([level, z.array(level).length(4)]);
const matrix = z.array(z.number()).length(9);
const orientation = z.literal([1, 2, 3, 4, 5, 6, 7, 8]);

/** What stands beside the samples of a mosaic; every entry has a default. */
export const sidecarSchema = z.strictObject({
  /** Sample of black: one, or four, one for each filter of the cell, row by row. */
  black: levels.default(0),
  white: levels.default(65535),
  /** Filters of the cell at the first sample, row by row. */
  phase: z.enum(bayerPhases as readonly [string, ...string[]]).default('RGGB'),
  gains: z
    .strictObject({ rgb: positive.default(1), red: positive, blue: positive })
    .default({ rgb: 1, red: 1, blue: 1 }),
  /** Between balanced camera colours and linear sRGB, three rows of three; one implies the other. */
  cameraToRgb: matrix.optional(),
  rgbToCamera: matrix.optional(),
  orientation: orientation.default(1),
  exposureSeconds: positive.optional(),
  iso: positive.optional(),
  aperture: positive.optional(),
  make: z.string().optional(),
  model: z.string().optional(),
});

type Sidecar = z.infer<typeof sidecarSchema> & { readonly orientation: Orientation };

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** NAME.json for NAME.png. */
export function sidecarPath(path: string): string {
  return `${path.replace(/\.[^./\\]*$/, '')}.json`;
}

/**
 * The sidecar of a mosaic.
 * @throws InputError where there is none, or one that means nothing; it names the entry.
 */
export async function readSidecar(path: string): Promise<Sidecar> {
  const file = sidecarPath(path);
  let content: unknown;
  try {
    content = JSON.parse(await readInputText(file, MAX_JSON_BYTES));
  } catch (cause) {
    if (cause instanceof BeyondBytes)
      throw new InputError(file, `is larger than ${MAX_JSON_BYTES} bytes`, { cause });
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new InputError(path, `a mosaic needs its description beside it, ${file}`, { cause });
    throw new InputError(file, 'cannot be read as JSON', { cause });
  }
  const parsed = sidecarSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const entry = issue.path.length === 0 ? 'the description' : issue.path.join('.');
  throw new InputError(file, `${entry}: ${issue.message}`);
}

/**
 * The camera that a sidecar describes.
 * @throws InputError where a matrix cannot be inverted.
 */
function sidecarCamera(path: string, sidecar: Sidecar): Camera {
  const { gains, cameraToRgb, rgbToCamera } = sidecar;
  const inverse = (entry: string, values: readonly number[]) => {
    try {
      return invertColourMatrix(values);
    } catch (cause) {
      throw new InputError(sidecarPath(path), `${entry}: cannot be inverted`, { cause });
    }
  };
  return {
    gains,
    cameraToRgb:
      cameraToRgb ?? (rgbToCamera === undefined ? identity : inverse('rgbToCamera', rgbToCamera)),
    rgbToCamera:
      rgbToCamera ?? (cameraToRgb === undefined ? identity : inverse('cameraToRgb', cameraToRgb)),
  };
}
