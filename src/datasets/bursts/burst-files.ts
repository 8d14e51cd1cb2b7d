import { z } from 'zod';
import type { Camera } from '../../degradation/camera/camera.js';
import type { NoiseLevels } from '../../degradation/noise.js';
import { BeyondBytes, readInput } from '../../files/input-file.js';
import { decodeImage } from '../../images/decode.js';
import { writeImage } from '../../images/encode.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { MAX_JSON_BYTES } from '../../utils/limits.js';
import { decodeBurstPickle } from './pickle.js';

/** The stored level that stands for 1 in the burst protocol. */
const protocolWhite = 2 ** 14;

const largest = 65535;

// The protocol writes pixels through a library that takes the first three channels for blue,
// green and red: the first plane lies where a PNG keeps its blue.
const planeOfColour = [2, 1, 0];

/**
 * Reads a frame stored as a 16-bit PNG of four channels.
 * @param white the stored level that stands for 1.
 * @returns [4, h, w] RGGB.
 * @throws InputError where it is damaged or no such image.
 */
export async function readPackedFrame(path: string, white = protocolWhite): Promise<Tensor> {
  const { tensor: colours, alpha, bitDepth } = await decodeImage(path);
  if (bitDepth !== 16 || alpha === undefined)
    throw new InputError(path, 'is no packed frame', {
      expected: '16 bits in 4 channels, RGGB',
      received: `${bitDepth} bits in ${alpha === undefined ? 'fewer' : 4} channels`,
    });
  const [, height = 0, width = 0] = colours.shape;
  const result = tensor([4, height, width]);
  result.data.set(colours.data);
  result.data.set(alpha.data, colours.data.length);
  return fromStored(result, white);
}

/**
 * Writes a frame as `readPackedFrame` reads it, atomically; values are clamped to [0, 1].
 * @param packed [4, h, w] RGGB.
 * @param white the level to store for 1, at most 65535.
 * @throws ParameterError for another shape; OutputError where the file cannot be written.
 */
export async function writePackedFrame(path: string, packed: Tensor, white: number): Promise<void> {
  const [channels, height = 0, width = 0] = packed.shape;
  if (packed.shape.length !== 3 || channels !== 4)
    throw new ParameterError('packed', 'a tensor [4, height, width]', packed.shape);
  const { data } = toStored(packed, white);
  const area = height * width;
  await writeImage(path, {
    tensor: tensor([3, height, width], data.subarray(0, 3 * area)),
    alpha: tensor([1, height, width], data.subarray(3 * area)),
    bitDepth: 16,
  });
}

/**
 * Reads the linear colours that a burst should become, a 16-bit PNG.
 * @param white the stored level that stands for 1.
 * @returns [3, H, W] R G B.
 * @throws InputError where it is damaged or no such image.
 */
export async function readLinearTarget(path: string, white = protocolWhite): Promise<Tensor> {
  const { tensor: colours, bitDepth } = await decodeImage(path);
  if (bitDepth !== 16)
    throw new InputError(path, `has ${bitDepth} bits per channel, expected 16 of linear colours`);
  return fromStored(colours, white);
}

/**
 * Writes linear colours as `readLinearTarget` reads them, atomically; values are clamped to [0, 1].
 * @param colours [3, H, W] R G B.
 * @throws ParameterError for another shape; OutputError where the file cannot be written.
 */
export async function writeLinearTarget(
  path: string,
  colours: Tensor,
  white: number,
): Promise<void> {
  if (colours.shape.length !== 3 || colours.shape[0] !== 3)
    throw new ParameterError('colours', 'a tensor [3, height, width]', colours.shape);
  await writeImage(path, { tensor: toStored(colours, white), bitDepth: 16 });
}

/** Planes in their own order, from those of a PNG with 65535 as 1. */
function fromStored(stored: Tensor, white: number): Tensor {
  return reordered(stored, (value) => Math.round(value * largest) / white);
}

function toStored(planes: Tensor, white: number): Tensor {
  if (!(white > 0 && white <= largest))
    throw new ParameterError('white', 'a level above 0, at most 65535', white);
  return reordered(
    planes,
    (value) => Math.round(Math.min(Math.max(value, 0), 1) * white) / largest,
  );
}

function reordered({ shape, data }: Tensor, change: (value: number) => number): Tensor {
  const area = shape[1]! * shape[2]!;
  const result = tensor(shape);
  for (let plane = 0; plane < shape[0]!; plane++) {
    const from = (planeOfColour[plane] ?? plane) * area;
    for (let at = 0; at < area; at++) result.data[plane * area + at] = change(data[from + at]!);
  }
  return result;
}

/** What is known of a synthetic burst besides its pixels. */
export interface BurstMetadata {
  readonly camera: Camera;
  readonly noise: NoiseLevels;
  /** The stored level that stands for 1. */
  readonly white: number;
}

const matrix = z
  .union([z.array(z.array(z.number()).length(3)).length(3), z.array(z.number()).length(9)])
  .transform((rows) => rows.flat());

const schema = z.object({
  rgb2cam: matrix,
  cam2rgb: matrix,
  rgb_gain: z.number().positive(),
  red_gain: z.number().positive(),
  blue_gain: z.number().positive(),
  smoothstep: z.literal(true).default(true),
  gamma: z.literal(true).default(true),
  shot_noise_level: z.number().nonnegative().default(0),
  read_noise_level: z.number().nonnegative().default(0),
  white: z.number().positive().max(65535).default(protocolWhite),
});

/**
 * Reads the facts on a synthetic burst under the names of the burst protocol (`rgb2cam`, `cam2rgb`,
 * `rgb_gain`, ...), from JSON, or from the pickle that the protocol publishes. Of a pickle only
 * numbers, texts and tensors are read; nothing in it is run.
 *
 * @throws InputError where the file cannot be read or holds something else.
 */
export async function readBurstMetadata(path: string): Promise<BurstMetadata> {
  const bytes = await contentOf(path);
  const stated = path.endsWith('.pkl') ? decodeBurstPickle(bytes, path) : parseJson(bytes, path);
  const parsed = schema.safeParse(stated);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new InputError(
      path,
      `is no metadata of a burst: ${issue.path.join('.')} ${issue.message}`,
    );
  }
  const facts = parsed.data;
  return {
    camera: {
      gains: { rgb: facts.rgb_gain, red: facts.red_gain, blue: facts.blue_gain },
      rgbToCamera: facts.rgb2cam,
      cameraToRgb: facts.cam2rgb,
    },
    noise: { shot: facts.shot_noise_level, read: facts.read_noise_level },
    white: facts.white,
  };
}

/** Metadata under the names of the protocol, for JSON. */
export function statedMetadata({ camera, noise, white }: BurstMetadata): Record<string, unknown> {
  const rows = (values: readonly number[]) => [0, 3, 6].map((at) => values.slice(at, at + 3));
  return {
    rgb2cam: rows(camera.rgbToCamera),
    cam2rgb: rows(camera.cameraToRgb),
    rgb_gain: camera.gains.rgb,
    red_gain: camera.gains.red,
    blue_gain: camera.gains.blue,
    smoothstep: true,
    gamma: true,
    shot_noise_level: noise.shot,
    read_noise_level: noise.read,
    white,
  };
}

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    return await readInput(path, MAX_JSON_BYTES);
  } catch (cause) {
    if (cause instanceof BeyondBytes)
      throw new InputError(path, `has ${cause.size} bytes, metadata at most ${MAX_JSON_BYTES}`);
    throw new InputError(path, 'the metadata cannot be read', { cause });
  }
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InputError(path, 'is not JSON', { cause });
  }
}
