import {
  type CropChoice,
  type CropSquare,
  USUAL_CROPS,
} from '../../benchmark/evaluation/evaluate-request.js';
import { ParameterError } from '../../tensor/errors.js';

/** What `--crops` takes, for help. */
export const CROPS_HELP =
  'squares that the page shows in all versions: NAME:X,Y,SIZE of an image, auto or auto:N for ' +
  'those where methods differ most, none (default: auto with --save-images)';

/**
 * Reads squares of images, `auto`, `auto:N` and `none`; undefined where nothing is said.
 * @throws ParameterError
 */
export function parseCrops(texts: readonly string[] | undefined): CropChoice | undefined {
  if (texts === undefined) return undefined;
  const given: CropSquare[] = [];
  let automatic = 0;
  for (const text of texts) {
    const found = /^auto(?::(\d{1,4}))?$/.exec(text);
    const square = /^(.+):(\d{1,9}),(\d{1,9}),(\d{1,9})$/.exec(text);
    if (found !== null) automatic = Number(found[1] ?? USUAL_CROPS);
    else if (square !== null) {
      const [left, top, size] = square.slice(2).map(Number) as [number, number, number];
      given.push({ item: square[1]!, left, top, size });
    } else if (text !== 'none') throw new ParameterError('--crops', CROPS_HELP, text);
  }
  if (texts.includes('none') && texts.length > 1)
    throw new ParameterError('--crops', 'none alone', texts.join(' '));
  return { given, automatic };
}
