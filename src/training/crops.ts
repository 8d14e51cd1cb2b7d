import { InputError } from '../tensor/errors.js';
import { integerAt } from '../tensor/random.js';
import type { Photographs } from './photographs.js';

/** Numbers drawn for each sample of a batch; sample k of a step uses the indices from k times this. */
export const DRAWS_PER_SAMPLE = 16;
const MOST_ATTEMPTS = 64;

/**
 * Writes a random square of a random photograph into `target` [3, size, size], in [0, 1], turned
 * into one of its eight orientations. Which one depends on seed, step and sample alone.
 * @throws InputError where the photographs are too small.
 */
export async function randomCrop(
  photographs: Photographs,
  place: { readonly seed: number; readonly step: number; readonly sample: number },
  size: number,
  target: Float32Array,
): Promise<void> {
  const { seed, step, sample } = place;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const draw = (index: number, bound: number): number =>
      integerAt(seed, step, (attempt * 65536 + sample) * DRAWS_PER_SAMPLE + index, bound);
    const picture = await photographs.picture(draw(0, photographs.count));
    if (picture.width < size || picture.height < size) continue;
    const left = draw(1, picture.width - size + 1);
    const top = draw(2, picture.height - size + 1);
    const orientation = draw(3, 8);
    for (let y = 0; y < size; y += 1)
      for (let x = 0; x < size; x += 1) {
        const row = orientation & 1 ? size - 1 - y : y;
        const column = orientation & 2 ? size - 1 - x : x;
        const [from, to] = orientation & 4 ? [column, row] : [row, column];
        const source = ((top + from) * picture.width + left + to) * 3;
        for (let channel = 0; channel < 3; channel += 1)
          target[(channel * size + y) * size + x] = picture.data[source + channel]! / 255;
      }
    return;
  }
  throw new InputError('photographs', `none of ${MOST_ATTEMPTS} drawn is as large as a crop`, {
    expected: `${size}x${size} pixels`,
  });
}
