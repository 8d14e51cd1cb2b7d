import { findModel } from '../../app/models/find-model.js';
import type { ModuleSource } from '../../app/packs/open-module.js';
import { storeFolder } from '../../app/pull/store.js';
import { readJson } from '../../app/read-json.js';
import { ParameterError } from '../../tensor/errors.js';
import { findEntry } from '../../weights/catalogue/catalogue.js';
import { parseStatement } from '../../weights/onnx/onnx-module.js';

/** What `--restorer-contract` and `--denoiser-contract` are for. */
export const CONTRACT_HELP = 'JSON of what is known of its contract, where it is an ONNX file';

/**
 * A module as the command line names it: a file, or a stored model of the catalogue.
 * @param flag of the contract, for messages.
 * @throws ParameterError where there is no such contract, ModelError where it is wrong or a model
 * of the catalogue is not stored.
 */
export async function moduleSource(
  fileOrName: string,
  contract: string | undefined,
  flag: string,
): Promise<ModuleSource> {
  const known = findEntry(fileOrName) !== undefined;
  const file = known ? await findModel(fileOrName, storeFolder()) : fileOrName;
  if (contract === undefined) return file;
  const json = await readJson(contract);
  if (json === undefined) throw new ParameterError(flag, 'a JSON file', contract);
  return { file, contract: parseStatement(json, contract) };
}
