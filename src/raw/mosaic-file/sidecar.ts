import { z } from 'zod';
import type { Camera } from '../../degradation/camera/camera.js';
import { invertColourMatrix } from '../../degradation/camera/colour-matrix.js';
import { BeyondBytes, readInputText } from '../../files/input-file.js';
import { InputError } from '../../tensor/errors.js';
import { bayerPhases } from '../bayer.js';
import type { Orientation } from '../frame.js';

const positive = z.number().positive();
const level = z.number().min(0).max(65535);
const levels = z.union([level, z.array(level).length(4)]);
const matrix = z.array(z.number()).length(9);
const orientation = z.literal([1, 2, 3, 4, 5, 6, 7, 8]);

/** What stands beside the samples of a mosaic; every entry has a default. */
export const sidecarSchema = z.strictObject({
  /** Sample of black: one, or four for the places of the cell row by row. */
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

export type Sidecar = z.infer<typeof sidecarSchema> & { readonly orientation: Orientation };

const largestBytes = 2 ** 20;
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
    content = JSON.parse(await readInputText(file, largestBytes));
  } catch (cause) {
    if (cause instanceof BeyondBytes)
      throw new InputError(file, `is larger than ${largestBytes} bytes`, { cause });
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
export function sidecarCamera(path: string, sidecar: Sidecar): Camera {
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
