import { z } from 'zod';
import { type ExportFacts, exportModel, findModel } from '../../../models/export-model.js';
import { ParameterError } from '../../../utils/errors.js';
import type { ExportSize } from '../../../weights/export-onnx.js';
import { type CliCommand, exitCodes } from '../../command.js';
import { bytesText } from '../../format.js';
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
  size: z.string().optional(),
  dynamic: z.boolean().default(false),
  store: storeOption,
});

/** Turns a checkpoint into an ONNX file. */
export const command: CliCommand = {
  name: 'export',
  configure: (command) =>
    addCheckpointOptions(command)
      .argument('<model>', 'a file, or a stored model')
      .requiredOption('-o, --output <file>', 'a name that ends in .onnx')
      .option('--size <HxW>', 'for images of one size in pixels, such as 256x320')
      .option('--dynamic', 'for images of every size that is a multiple of what the network needs')
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ arguments: [model], options, report }) => {
    const { output, size, dynamic, store, ...decoding } = parseOptions(optionsSchema, options);
    if (!output.endsWith('.onnx'))
      throw new ParameterError('--output', 'a name that ends in .onnx', output);
    const wanted = sizeOf(size, dynamic);
    const path = await findModel(model as string, store);
    const facts = await exportModel(path, output, wanted, checkpointOptions(decoding));
    const takes = `${facts.inputs.join(', ')} -> ${facts.outputs.join(', ')}`;
    report.result(
      { output, size: wanted, ...facts },
      `${output}: ${facts.network}, ${takes}, ${sizesText(wanted, facts)}, ${bytesText(facts.bytes)}`,
    );
    return exitCodes.done;
  },
};

function sizeOf(size: string | undefined, dynamic: boolean): ExportSize {
  if (dynamic && size === undefined) return 'dynamic';
  if (dynamic || size === undefined)
    throw new ParameterError('--size', 'either --size HxW or --dynamic', size ?? 'neither');
  const [, height, width] = /^(\d{1,5})x(\d{1,5})$/.exec(size) ?? [];
  if (height === undefined)
    throw new ParameterError('--size', 'height and width in pixels, such as 256x320', size);
  return { height: Number(height), width: Number(width) };
}

function sizesText(size: ExportSize, { multiple, minimum }: ExportFacts): string {
  if (size !== 'dynamic') return `${size.height} x ${size.width} pixels`;
  if (multiple === 1) return minimum === 1 ? 'any size' : `at least ${minimum} pixels`;
  return `multiples of ${multiple}, at least ${minimum} pixels`;
}
