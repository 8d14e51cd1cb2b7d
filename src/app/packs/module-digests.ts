import { fileDigest } from '../../files/digest.js';
import type { PackManifest } from '../../restoration/index.js';
import { fileOf, type ModuleRole, type ModuleSource, statementOf } from './open-module.js';

/** Changes whenever the same modules and settings would give other pixels. */
export const PIXELS_VERSION = 1;

/**
 * What the pixels of a pack's results depend on of one of its modules: the hash of its weights, or
 * of those that take their place with what is stated of them.
 * @throws InputError where a file is missing, ModelError for a damaged statement.
 */
export async function moduleDigest(
  manifest: PackManifest,
  role: ModuleRole,
  source: ModuleSource | undefined,
): Promise<string | object> {
  if (source === undefined) return manifest.modules[role].sha256;
  return { bytes: await fileDigest(fileOf(source)), contract: await statementOf(source) };
}
