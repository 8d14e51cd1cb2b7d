import type { Command } from 'commander';
import { z } from 'zod';
import { storeFolder } from '../../../models/pull/pull-model.js';
import type { CheckpointOptions } from '../../../weights/load-checkpoint.js';

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
        context.addIssue({ code: 'custom', message: 'a JSON object' });
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
