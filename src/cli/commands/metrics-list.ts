import { z } from 'zod';
import { pullCommands } from '../../benchmark/metrics/open-metrics.js';
import { metrics } from '../../metrics/registry.js';
import { shortName } from '../../metrics/request.js';
import { type CliCommand, exitCodes } from '../command.js';
import { parseOptions } from '../options.js';
import { STORE_FLAG, STORE_HELP, storeOption } from './models/model-options.js';

const inputTexts = { image: 'no reference', pair: 'reference', set: 'sets' } as const;

const optionsSchema = z.object({ store: storeOption });

/** Lists the metrics. */
export const command: CliCommand = {
  name: 'list',
  configure: (command) =>
    command
      .description('list the metrics, which of them are defaults, and how to get missing weights')
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ options, report }) => {
    const { store } = parseOptions(optionsSchema, options);
    const width = Math.max(...metrics.map(({ name }) => name.length));
    for (const metric of metrics) {
      const { name, title, judges, input, isDefault } = metric;
      const pull = await pullCommands(metric, { store });
      const spaces = metric.colourSpaces.map(shortName);
      const state = pull.length === 0 ? '' : `; needs ${pull.join(' && ')}`;
      report.result(
        { name, title, judges, input, spaces, default: isDefault, pull },
        `${name.padEnd(width)}  ${inputTexts[input].padEnd(12)}  ${spaces.join(' or ').padEnd(8)}  ${title}${isDefault ? ' (default)' : ''}${state}`,
      );
    }
    return exitCodes.done;
  },
};
