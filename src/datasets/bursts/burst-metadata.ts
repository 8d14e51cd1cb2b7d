import { z } from 'zod';
import type { Camera } from '../../degradation/camera/camera.js';
import type { NoiseLevels } from '../../degradation/camera/noise.js';
import { BeyondBytes, readInput } from '../../files/input-file.js';
import { InputError } from '../../tensor/errors.js';
import { protocolWhite } from './frame-files.js';
import { decodeBurstPickle } from './pickle.js';

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

const largestFile = 2 ** 20;

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
    return await readInput(path, largestFile);
  } catch (cause) {
    if (cause instanceof BeyondBytes)
      throw new InputError(path, `has ${cause.size} bytes, metadata at most ${largestFile}`);
    throw new InputError(path, 'the metadata cannot be read', { cause });
  }
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InputError(path, 'is no JSON', { cause });
  }
}
