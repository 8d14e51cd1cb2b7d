import { z } from 'zod';
import { verifyModels } from '../../../models/verify-models.js';
import { type CliCommand, type ExitCode, exitCodes } from '../../command.js';
import { parseOptions } from '../../options.js';
import { STORE_FLAG, STORE_HELP, storeOption } from './model-options.js';

const optionsSchema = z.object({ store: storeOption });

/** Hashes models again. */
export const command: CliCommand = {
  name: 'verify',
  configure: (command) =>
    command
      .argument(
        '[model...]',
        'files, stored models, packs (default: all that is stored or shipped)',
      )
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ arguments: [models], options, report, signal }) => {
    const { store } = parseOptions(optionsSchema, options);
    const bad: string[] = [];
    let exitCode: ExitCode = exitCodes.done;
    for await (const file of verifyModels(models as string[], store, signal)) {
      const { path, name, state, detail } = file;
      report.result(file, `${state.padEnd(7)}  ${path} (${name}): ${detail}`);
      if (state === 'ok') continue;
      bad.push(path);
      exitCode = exitCodes.failed;
    }
    report.message(bad.length === 0 ? 'all are as they should be' : `not so: ${bad.join(', ')}`);
    return exitCode;
  },
};
