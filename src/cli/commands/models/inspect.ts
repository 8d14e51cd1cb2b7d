import { z } from 'zod';
import { findModel } from '../../../app/models/find-model.js';
import { inspectFile } from '../../../app/models/inspect-model.js';
import { inspectPack } from '../../../app/models/inspect-pack.js';
import { findPack } from '../../../app/packs/find-pack.js';
import { COUNTING_RULE } from '../../../weights/describe-module.js';
import type { CliCommand } from '../../command.js';
import { exitCodes } from '../../exit-codes.js';
import {
  addCheckpointOptions,
  checkpointOptions,
  checkpointShape,
} from '../../models/checkpoint-options.js';
import { fileText, packText } from '../../models/facts-text.js';
import { STORE_FLAG, STORE_HELP, storeOption } from '../../models/store-option.js';
import { parseOptions } from '../../options.js';

const optionsSchema = z.object({ ...checkpointShape, store: storeOption });

/** Describes a checkpoint, a metric, an ONNX file or a pack. */
export const command: CliCommand = {
  name: 'inspect',
  configure: (command) =>
    addCheckpointOptions(command)
      .description(
        'tell what a file of weights is: architecture, configuration, size, work, licence',
      )
      .argument('<model>', 'a file, a stored model, a pack')
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ arguments: [model], options, report }) => {
    const { store, ...decoding } = parseOptions(optionsSchema, options);
    const pack = await findPack(model as string);
    if (pack === undefined) {
      const path = await findModel(model as string, store);
      const facts = await inspectFile(path, checkpointOptions(decoding));
      if (facts.kind === 'onnx' || facts.kind === 'part') {
        report.result(facts, fileText(facts));
        return exitCodes.done;
      }
      report.result({ ...facts, countingRule: COUNTING_RULE }, fileText(facts));
    } else {
      const facts = await inspectPack(pack);
      report.result({ ...facts, countingRule: COUNTING_RULE }, packText(facts));
    }
    report.message(`MAC: ${COUNTING_RULE}`);
    return exitCodes.done;
  },
};
