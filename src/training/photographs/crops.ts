import type { Rgb8 } from '../../images/decode.js';
import { InputError } from '../../tensor/errors.js';
import { integerAt } from '../../tensor/random.js';
import type { Photographs } from './photographs.js';
import { type PictureOutline, wholeOutline } from './reduced-picture.js';

/** Numbers drawn for each sample of a batch; sample k of a step uses the indices from k times this. */
export const DRAWS_PER_SAMPLE = 16;
const MOST_ATTEMPTS = 64;

/** A square of a photograph in one of its eight orientations. */
export interface CropPlace {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  /** Bit 2 swaps rows and columns, then bit 0 turns upside down and bit 1 left to right. */
  readonly orientation: number;
}

/** A byte as a number in [0, 1]. */
const unit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * Writes a random square of a random photograph into `target` [3, size, size], in [0, 1], turned
 * into one of its eight orientations. Which one depends on seed, step and sample alone.
 * @param degraded receives the same square of the degraded picture, where the photographs are pairs.
 * @throws InputError where the photographs are too small, or the drawn one is damaged.
 */
export async function randomCrop(
  photographs: Photographs,
  place: { readonly seed: number; readonly step: number; readonly sample: number },
  size: number,
  target: Float32Array,
  degraded?: Float32Array,
): Promise<void> {
  const { seed, step, sample } = place;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const draw = (index: number, bound: number): number =>
      integerAt(seed, step, (attempt * 65536 + sample) * DRAWS_PER_SAMPLE + index, bound);
    const index = draw(0, photographs.count);
    const outline = await outlineOf(photographs, index);
    if (outline.width < size || outline.height < size) continue;
    const left = draw(1, outline.width - size + 1);
    const top = draw(2, outline.height - size + 1);
    const { picture, ...place } = outline.part(left, top, size);
    const orientation = draw(3, 8);
    copyCrop(picture, { ...place, size, orientation }, target);
    if (degraded !== undefined)
      copyCrop(await photographs.degraded!(index), { left, top, size, orientation }, degraded);
    return;
  }
  const expected = `${size}x${size} pixels or more`;
  const what = `none of ${MOST_ATTEMPTS} pictures drawn fits a crop; expected ${expected}`;
  throw new InputError(photographs.folder, what, { expected });
}

async function outlineOf(photographs: Photographs, index: number): Promise<PictureOutline> {
  const outline = await photographs.outline?.(index);
  return outline ?? wholeOutline(await photographs.picture(index));
}

/** Copies a square of a picture into planes [3, size, size] in [0, 1]. */
export function copyCrop(picture: Rgb8, place: CropPlace, target: Float32Array): void {
  const { left, top, size, orientation } = place;
  const { data, width } = picture;
  const swapped = (orientation & 4) !== 0;
  const acrossRows = swapped ? 3 : 3 * width;
  const acrossColumns = swapped ? 3 * width : 3;
  const down = orientation & 1 ? -acrossRows : acrossRows;
  const right = orientation & 2 ? -acrossColumns : acrossColumns;
  const corner =
    (top * width + left) * 3 +
    (orientation & 1 ? (size - 1) * acrossRows : 0) +
    (orientation & 2 ? (size - 1) * acrossColumns : 0);
  const plane = size * size;
  for (let y = 0; y < size; y += 1) {
    const end = (y + 1) * size;
    let source = corner + y * down;
    for (let at = y * size; at < end; at += 1, source += right) {
      target[at] = unit[data[source]!]!;
      target[at + plane] = unit[data[source + 1]!]!;
      target[at + 2 * plane] = unit[data[source + 2]!]!;
    }
  }
}
