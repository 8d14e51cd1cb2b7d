import { join } from 'node:path';
import { makeFolder } from '../../files/output-file.js';
import { writeImage } from '../../images/encode.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { PREVIEW_FOLDER } from '../run/run-folder.js';
import type { Preview } from './validation.js';

/**
 * Writes a preview as a PNG: input, output and target side by side, the input enlarged to their
 * size by repeating pixels.
 * @throws OutputError where it cannot be written.
 */
export async function writePreview(
  folder: string,
  place: { readonly step: number; readonly index: number },
  { input, output, target }: Preview,
): Promise<void> {
  const previews = join(folder, PREVIEW_FOLDER);
  await makeFolder(previews);
  const path = join(previews, `step-${place.step}-${place.index}.png`);
  await writeImage(path, { tensor: sideBySide([input, output, target]), bitDepth: 8 });
}

/** Square pictures in a row, each at the size of the last one. */
function sideBySide(pictures: readonly Tensor[]): Tensor {
  const side = pictures.at(-1)!.shape[1]!;
  const width = side * pictures.length;
  const row = tensor([3, side, width]);
  for (const [place, { shape, data }] of pictures.entries()) {
    const own = shape[1]!;
    for (let channel = 0; channel < 3; channel += 1)
      for (let y = 0; y < side; y += 1)
        for (let x = 0; x < side; x += 1) {
          const from = (channel * own + Math.floor((y * own) / side)) * own;
          const value = data[from + Math.floor((x * own) / side)]!;
          row.data[(channel * side + y) * width + place * side + x] = value;
        }
  }
  return row;
}
