import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { writePictures } from './pictures.js';

/** A new folder with made-up PNG pictures of the given [height, width], named in their order. */
export async function pictureFolder(
  ...sizes: readonly (readonly [height: number, width: number])[]
): Promise<string> {
  return writePictures(await temporaryFolder(), sizes);
}
