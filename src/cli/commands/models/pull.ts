import { z } from 'zod';
import { requireEntry } from '../../../models/export-model.js';
import { type PulledModel, pullModel } from '../../../models/pull/pull-model.js';
import { CancelledError, DpirError, ParameterError } from '../../../utils/errors.js';
import type { CatalogueEntry } from '../../../weights/catalogue/catalogue.js';
import { type CliCommand, type CommandContext, type ExitCode, exitCodes } from '../../command.js';
import { bytesText } from '../../format.js';
import { parseOptions } from '../../options.js';
import { STORE_FLAG, STORE_HELP, storeOption } from './model-options.js';

const optionsSchema = z.object({ from: z.string().min(1).optional(), store: storeOption });

/** Stores published weights on this machine. */
export const command: CliCommand = {
  name: 'pull',
  configure: (command) =>
    command
      .argument('<name...>', 'models of the catalogue: see dp-ir models list')
      .option('--from <file>', 'take this file instead of the network')
      .option(STORE_FLAG, STORE_HELP),
  run: async (context) => {
    const { from, store } = parseOptions(optionsSchema, context.options);
    const names = context.arguments[0] as string[];
    if (from !== undefined && names.length > 1)
      throw new ParameterError('--from', 'one model at a time', names);
    const entries = names.map(requireEntry);
    let exitCode: ExitCode = exitCodes.done;
    for (const entry of entries) {
      try {
        const pulled = await pullOne(entry, from, store, context);
        context.report.result({ ...pulled, licence: entry.licence }, pulledText(pulled, entry));
      } catch (error) {
        const lasting = error instanceof DpirError && !(error instanceof CancelledError);
        if (entries.length === 1 || !lasting) throw error;
        exitCode = context.report.failure(error);
      }
    }
    return exitCode;
  },
};

function pullOne(
  entry: CatalogueEntry,
  from: string | undefined,
  folder: string,
  { report, signal }: CommandContext,
): Promise<PulledModel> {
  const progress = report.progress(entry.name, 1);
  return pullModel(entry, {
    folder,
    signal,
    ...(from === undefined ? {} : { from }),
    onProgress: (done, total) => {
      const of = total === 0 ? '' : ` of ${bytesText(total)}`;
      progress.update(total === 0 ? 0 : done / total, `${bytesText(done)}${of}`);
    },
    onWait: ({ pid }) => report.message(`${entry.name}: process ${pid} pulls it already; waiting`),
    onTrouble: ({ message }) => report.warning(message),
  }).finally(() => progress.clear());
}

function pulledText({ name, path, bytes, how, checked }: PulledModel, entry: CatalogueEntry) {
  const trust =
    checked.length > 0
      ? `agrees with its published ${checked.join(' and ')}`
      : 'nobody published a hash of it';
  const before = how === 'present' ? 'was stored already, ' : '';
  return `${name}: ${path}, ${bytesText(bytes)}, ${before}${trust}; licence ${entry.licence}`;
}
