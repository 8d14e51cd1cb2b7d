import { join } from 'node:path';
import { isFile } from '../files/input-file.js';
import { writeFileAtomic } from '../files/write-atomic.js';
import { ModelError } from '../utils/errors.js';
import { type CatalogueEntry, catalogue, findEntry } from '../weights/catalogue/catalogue.js';
import { type ExportedModel, type ExportSize, exportModule } from '../weights/export-onnx.js';
import { type CheckpointOptions, decodeModel } from '../weights/load-checkpoint.js';
import { readModelFile } from './import-model.js';

/** What was exported. */
export interface ExportFacts extends Omit<ExportedModel, 'bytes'> {
  readonly network: string;
  readonly bytes: number;
  readonly licence: string;
}

/**
 * Writes a model as an ONNX file.
 * @throws ModelError where the file is none, is ONNX already, or cannot have dynamic axes;
 * ParameterError for the size; OutputError where the file cannot be written.
 */
export async function exportModel(
  from: string,
  to: string,
  size: ExportSize,
  options: CheckpointOptions = {},
): Promise<ExportFacts> {
  const { bytes, licence } = await readModelFile(from);
  const decoded = decodeModel(bytes, from, options);
  if (decoded.kind === 'onnx') throw new ModelError(from, 'is an ONNX model already');
  const model = exportModule(decoded.module, size);
  await writeFileAtomic(to, model.bytes);
  return { network: decoded.module.network.name, ...model, bytes: model.bytes.length, licence };
}

/**
 * The path of a model: a file, or what is stored under a name of the catalogue.
 * @param folder where models are stored.
 * @throws ModelError where there is neither; it says how to get a model of the catalogue.
 */
export async function findModel(nameOrFile: string, folder: string): Promise<string> {
  if (await isFile(nameOrFile)) return nameOrFile;
  const entry = findEntry(nameOrFile);
  if (entry === undefined)
    throw new ModelError(
      nameOrFile,
      `is neither a file nor a model of the catalogue${hint(nameOrFile)}`,
    );
  const path = join(folder, entry.file);
  if (await isFile(path)) return path;
  throw new ModelError(
    nameOrFile,
    `is not stored yet: dp-ir models pull ${nameOrFile}${entry.manual ? ' --from FILE' : ''}`,
  );
}

/**
 * The catalogue's entry of a name.
 * @throws ModelError that names what comes closest.
 */
export function requireEntry(name: string): CatalogueEntry {
  const entry = findEntry(name);
  if (entry !== undefined) return entry;
  throw new ModelError(name, `is no model of the catalogue${hint(name)}`);
}

/** Names that have a part in common with a wrong one, as half a sentence. */
function hint(wrong: string): string {
  const parts = wrong
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part.length > 1);
  const close = catalogue
    .map(({ name }) => ({ name, shared: parts.filter((part) => name.includes(part)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, 5)
    .map(({ name }) => name);
  return close.length > 0 ? `; did you mean ${close.join(', ')}?` : '; see dp-ir models list';
}
