import type { Command } from 'commander';
import { z } from 'zod';
import { readJson } from '../../../files/read-json.js';
import { findModel } from '../../../models/export-model.js';
import type { ModuleSource } from '../../../models/open-module.js';
import { storeFolder } from '../../../models/pull/pull-model.js';
import { ParameterError } from '../../../utils/errors.js';
import { findEntry } from '../../../weights/catalogue/catalogue.js';
import type { CheckpointOptions } from '../../../weights/load-checkpoint.js';
import { parseStatement } from '../../../weights/onnx/onnx-module.js';

/** What the command line may say of a checkpoint beforehand. */
export const checkpointShape = {
  at: z.string().min(1).optional(),
  network: z.string().min(1).optional(),
  config: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'Invalid input: expected a JSON object' });
        return z.NEVER;
      }
    })
    .optional(),
};

export function addCheckpointOptions(command: Command): Command {
  return command
    .option('--at <keys>', "where in a PyTorch file the weights lie: keys joined by '/'")
    .option('--network <name>', 'the architecture, instead of detecting it')
    .option('--config <json>', 'entries of the configuration that shapes do not tell');
}

/** The options that were given. */
export function checkpointOptions({
  at,
  network,
  config,
}: {
  readonly at?: string | undefined;
  readonly network?: string | undefined;
  readonly config?: unknown;
}): CheckpointOptions {
  return {
    ...(at === undefined ? {} : { at }),
    ...(network === undefined ? {} : { network }),
    ...(config === undefined ? {} : { config }),
  };
}

/** `--store`: where models are stored, with the user's own folder in its place. */
export const storeOption = z
  .string()
  .min(1)
  .optional()
  .transform((folder) => folder ?? storeFolder());

export const STORE_FLAG = '--store <folder>';
export const STORE_HELP =
  "where models are stored (default: $DP_IR_HOME/models or the user's data)";

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
