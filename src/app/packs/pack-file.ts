import { realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { whyUnreadable } from '../../files/input-file.js';
import { ModelError } from '../../tensor/errors.js';

/**
 * The true path of a file of a pack, whose links may not lead out of the pack: what is packed up with
 * links to files of whoever unpacks it must not read these.
 * @param file as its manifest names it: NAME in the pack's folder, or ../FOLDER/NAME in one beside it.
 * @throws ModelError where it is missing or lies elsewhere.
 */
export async function packFile(folder: string, file: string): Promise<string> {
  const named = join(folder, file);
  try {
    const home = await realpath(folder);
    const allowed = dirname(join(home, file));
    const place = await realpath(named);
    if (place.startsWith(allowed.endsWith(sep) ? allowed : `${allowed}${sep}`)) return place;
  } catch (cause) {
    throw new ModelError(named, whyUnreadable(cause), { cause });
  }
  throw new ModelError(named, 'is a link that leads out of the pack, expected a file in it');
}
