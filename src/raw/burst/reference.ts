import { basename, extname } from 'node:path';
import { ParameterError } from '../../tensor/errors.js';
import { sharpness } from '../../tensor/sharpness.js';
import type { RawFrame } from '../frame.js';

/**
 * The place of the reference among the files: a place, or a name with or without folder or
 * extension; `undefined` where none is wished.
 * @throws ParameterError where nothing or more than one file answers.
 */
export function findReference(
  files: readonly string[],
  wish: number | string | undefined,
): number | undefined {
  if (wish === undefined) return undefined;
  if (typeof wish === 'number') {
    if (Number.isInteger(wish) && wish >= 0 && wish < files.length) return wish;
    throw new ParameterError('reference', `an integer from 0 to ${files.length - 1}`, wish);
  }
  for (const named of [
    (file: string) => file,
    (file: string) => basename(file),
    (file: string) => basename(file, extname(file)),
  ]) {
    const found = files.flatMap((file, place) => (named(file) === wish ? [place] : []));
    if (found.length === 1) return found[0]!;
  }
  throw new ParameterError(
    'reference',
    `one of ${files.map((file) => basename(file)).join(', ')}`,
    wish,
  );
}

/** The sharpest frame at equal exposure; of equally sharp ones the first. */
export function sharpestFrame(frames: readonly RawFrame[], exposures: readonly number[]): number {
  let best = 0;
  let most = -1;
  frames.forEach(({ packed }, index) => {
    const found = sharpness(packed) / exposures[index]! ** 2;
    if (found > most) [best, most] = [index, found];
  });
  return best;
}
