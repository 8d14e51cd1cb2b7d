import { z } from 'zod';
import { listModels } from '../../../models/list-models.js';
import { type CliCommand, exitCodes } from '../../command.js';
import { bytesText } from '../../format.js';
import { parseOptions } from '../../options.js';
import { STORE_FLAG, STORE_HELP, storeOption } from './model-options.js';

const optionsSchema = z.object({ store: storeOption });

/** Lists what is shipped, stored and published. */
export const command: CliCommand = {
  name: 'list',
  configure: (command) => command.option(STORE_FLAG, STORE_HELP),
  run: async ({ options, report }) => {
    const { store } = parseOptions(optionsSchema, options);
    const models = await listModels(store);
    const width = Math.max(...models.map(({ name }) => name.length));
    for (const model of models) {
      const size = model.bytes === undefined ? '' : bytesText(model.bytes);
      const columns = [model.name.padEnd(width), model.state.padEnd(7), size.padStart(8)];
      report.result(model, `${columns.join('  ')}  ${model.title} (${model.licence})`);
    }
    report.message(`models are stored in ${store}`);
    return exitCodes.done;
  },
};
