import { fileURLToPath } from 'node:url';
import { readWeights } from '../../../files/input-file.js';
import { ModelError } from '../../../tensor/errors.js';
import { type NaturalScenes, parseNaturalScenes } from './natural-scenes.js';

const shipped = fileURLToPath(
  new URL('../../../../models/niqe/natural-scenes.json', import.meta.url),
);
const mostBytes = 2 ** 20;

/**
 * The natural scenes that come with the package, fitted on photographs in the public domain.
 * @throws ModelError where the file is missing or damaged.
 */
export function shippedNaturalScenes(): Promise<NaturalScenes> {
  return readNaturalScenes(shipped);
}

/**
 * Natural scenes from a JSON file, as `parseNaturalScenes` describes it.
 * @throws ModelError where it cannot be read or holds something else.
 */
export async function readNaturalScenes(path: string): Promise<NaturalScenes> {
  const bytes = await readWeights(path);
  if (bytes.length > mostBytes) throw new ModelError(path, `is larger than ${mostBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelError(path, 'is no JSON', { cause });
  }
  return parseNaturalScenes(json, path);
}
