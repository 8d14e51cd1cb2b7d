import { z } from 'zod';
import { pullCommands } from '../../benchmark/metrics/open-metrics.js';
import { metrics } from '../../benchmark/metrics/registry.js';
import { type CliCommand, exitCodes } from '../command.js';
import { parseOptions } from '../options.js';
import { STORE_FLAG, STORE_HELP, storeOption } from './models/model-options.js';

const optionsSchema = z.object({ store: storeOption });

/** Lists the metrics. */
export const command: CliCommand = {
  name: 'list',
  configure: (command) =>
    command
      .description('list the metrics and how to get the weights that they lack')
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ options, report }) => {
    const { store } = parseOptions(optionsSchema, options);
    const width = Math.max(...metrics.map(({ name }) => name.length));
    for (const definition of metrics) {
      const { name, title, judges, images, colourSpaces, usual } = definition;
      const pull = await pullCommands(definition, { store });
      const spaces = colourSpaces.map((space) => (space === 'luma' ? 'y' : 'rgb'));
      const needs = images === 2 ? 'target' : 'alone';
      const state = pull.length === 0 ? '' : `; needs ${pull.join(' && ')}`;
      report.result(
        { name, title, judges, images, spaces, usual, pull },
        `${name.padEnd(width)}  ${needs.padEnd(6)}  ${spaces.join(' or ').padEnd(8)}  ${title}${state}`,
      );
    }
    return exitCodes.done;
  },
};
