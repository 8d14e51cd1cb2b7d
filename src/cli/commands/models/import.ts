import { z } from 'zod';
import { findModel } from '../../../models/export-model.js';
import { importModel, manifestPath } from '../../../models/import-model.js';
import { ParameterError } from '../../../utils/errors.js';
import { type CliCommand, exitCodes } from '../../command.js';
import { whole } from '../../format.js';
import { parseOptions } from '../../options.js';
import {
  addCheckpointOptions,
  checkpointOptions,
  checkpointShape,
  STORE_FLAG,
  STORE_HELP,
  storeOption,
} from './model-options.js';

const optionsSchema = z.object({
  ...checkpointShape,
  output: z.string().min(1),
  half: z.boolean().default(false),
  unrecognized: z.boolean().default(false),
  backbone: z.string().min(1).optional(),
  store: storeOption,
});

/** Turns a checkpoint of any form into a file of this package. */
export const command: CliCommand = {
  name: 'import',
  configure: (command) =>
    addCheckpointOptions(command)
      .argument('<model>', 'a file, or a stored model')
      .requiredOption('-o, --output <file>', 'a name that ends in .safetensors')
      .option('--half', 'store weights in half precision')
      .option('--unrecognized', 'write the tensors of an unknown architecture as they are')
      .option('--backbone <model>', 'the backbone that the heads of LPIPS belong to')
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ arguments: [model], options, report }) => {
    const { output, half, unrecognized, backbone, store, ...decoding } = parseOptions(
      optionsSchema,
      options,
    );
    if (!output.endsWith('.safetensors'))
      throw new ParameterError('--output', 'a name that ends in .safetensors', output);
    const manifest = await importModel(await findModel(model as string, store), output, {
      ...checkpointOptions(decoding),
      half,
      unrecognized,
      ...(backbone === undefined ? {} : { backbone: await findModel(backbone, store) }),
    });
    const { network, parameters, licence } = manifest;
    report.result(
      { output, manifest: manifestPath(output), ...manifest },
      `${output}: ${network}, ${whole(parameters)} parameters, licence ${licence}`,
    );
    return exitCodes.done;
  },
};
