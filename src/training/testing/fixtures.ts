import { join } from 'node:path';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { WEIGHTS_FILE } from '../run/run-folder.js';
import { writeTestImages } from './images.js';
import { denoiserRecipe, restorerRecipe } from './recipes.js';
import { trainHere } from './runs.js';

/** A new folder with made-up PNG images of the given [height, width], named in their order. */
export async function imageFolder(
  ...sizes: readonly (readonly [height: number, width: number])[]
): Promise<string> {
  return writeTestImages(await temporaryFolder(), sizes);
}

/** Module files of a tiny restorer and a tiny denoiser. */
export async function trainModules(
  data: string,
  restorer = restorerRecipe(data, { steps: 3 }),
): Promise<{ restorer: string; denoiser: string }> {
  const files: string[] = [];
  for (const recipe of [restorer, denoiserRecipe(data, { steps: 3 })]) {
    const output = await temporaryFolder();
    await trainHere({ recipe, output });
    files.push(join(output, WEIGHTS_FILE));
  }
  const [first, second] = files as [string, string];
  return { restorer: first, denoiser: second };
}
