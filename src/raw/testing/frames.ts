import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { uniformAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import type { RawFrame, RawMetadata } from '../frame.js';

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** A frame of noise around 0.3 whose values are multiples of 1 / white. */
export function noiseFrame(
  seed: number,
  {
    strength = 0.1,
    white = 65535,
    rows = 6,
    columns = 8,
    metadata = {} as Partial<RawMetadata>,
  } = {},
): RawFrame {
  const data = Float32Array.from(
    { length: 4 * rows * columns },
    (_, at) => Math.round(white * (0.3 + strength * (uniformAt(seed, 0, at) - 0.5))) / white,
  );
  return {
    name: `frame-${seed}.png`,
    packed: tensor([4, rows, columns], data),
    metadata: {
      camera: {
        gains: { rgb: 1, red: 2, blue: 1.5 },
        cameraToRgb: identity,
        rgbToCamera: identity,
      },
      orientation: 1,
      ...metadata,
    },
    sensor: { width: 2 * columns, height: 2 * rows, phase: 'RGGB' },
    notes: [],
  };
}

/** Writes 16-bit samples as PNG or TIFF, with a description unless it is left out. */
export async function writeSamples(
  path: string,
  samples: Uint16Array,
  { width, height, channels = 1 }: { width: number; height: number; channels?: 1 | 3 | 4 },
  sidecar?: unknown,
): Promise<void> {
  const space = channels === 1 ? 'grey16' : 'rgb16';
  const image = sharp(samples, { raw: { width, height, channels } })
    .pipelineColourspace(space)
    .toColourspace(space);
  const encoded = path.endsWith('.png') ? image.png() : image.tiff({ compression: 'deflate' });
  await writeFile(path, await encoded.toBuffer());
  if (sidecar !== undefined)
    await writeFile(path.replace(/\.[^.]*$/, '.json'), JSON.stringify(sidecar));
}
