import { openDataset } from '../../datasets/open-dataset.js';
import { InputError } from '../../tensor/errors.js';
import type { Recipe } from '../recipe.js';
import {
  keptPictures,
  openPictures,
  type Photographs,
  type PictureFiles,
  type PictureOptions,
  pictureFiles,
} from './photographs.js';

/**
 * The pictures that a recipe trains on: its photographs, or the pairs of its data set.
 * @throws InputError where there are none.
 */
export async function openSource(
  recipe: Recipe,
  options: PictureOptions = {},
): Promise<Photographs> {
  return openPictures(await sourceFiles(recipe), { reductions: recipe.reductions, ...options });
}

/**
 * The pictures that a recipe is validated on: of the kind that it trains on.
 * @throws as `openSource`.
 */
export async function openHeldOut(recipe: Recipe): Promise<Photographs> {
  const { data } = recipe.validation!;
  return openPictures(hasPairs(recipe) ? await pairFiles(data) : await pictureFiles(data));
}

/**
 * Bytes of decoded pictures that a run will keep, from the headers of some of them.
 * @throws as `openSource`.
 */
export async function keptBytes(recipe: Recipe): Promise<number> {
  return keptPictures(await sourceFiles(recipe), recipe.reductions);
}

/**
 * The files that a recipe trains on.
 * @throws as `openSource`.
 */
export async function sourceFiles(recipe: Recipe): Promise<PictureFiles> {
  return hasPairs(recipe) ? pairFiles(recipe.pairs) : pictureFiles(recipe.data);
}

function hasPairs(recipe: Recipe): recipe is Recipe & { readonly pairs: string } {
  return 'pairs' in recipe && recipe.pairs !== undefined;
}

async function pairFiles(folder: string): Promise<PictureFiles> {
  const { items } = await openDataset(folder);
  const pairs = items.flatMap(({ inputs: [input], target }) =>
    input === undefined || target === undefined ? [] : [{ input, target }],
  );
  if (pairs.length === 0)
    throw new InputError(folder, 'holds no pairs', { expected: 'degraded and sharp pictures' });
  return {
    folder,
    files: pairs.map(({ target }) => target),
    degraded: pairs.map(({ input }) => input),
  };
}
