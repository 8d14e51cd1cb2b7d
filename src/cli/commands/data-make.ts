import { z } from 'zod';
import { makeDataset } from '../../datasets/make-dataset.js';
import { readInputText } from '../../files/input-file.js';
import { ParameterError } from '../../utils/errors.js';
import { type CliCommand, exitCodes } from '../command.js';
import { parseOptions, whole } from '../options.js';

const optionsSchema = z.object({
  input: z.string().min(1),
  output: z.string().min(1),
  degradation: z.string().min(1),
  list: z.string().min(1).optional(),
  count: whole(1).optional(),
  seed: whole(0),
  layout: z.enum(['pairs', 'gopro', 'synthetic-burst']).optional(),
  size: whole(1).pipe(z.int().max(65_535)).optional(),
  frames: whole(1).pipe(z.int().max(1000)).optional(),
  bits: z.enum(['8', '16']).default('16'),
});

/** Makes a synthetic test set. */
export const command: CliCommand = {
  name: 'make',
  configure: (command) =>
    command
      .description('make a synthetic test set out of good images; a seed makes the same pixels')
      .requiredOption('-i, --input <folder>', 'folder of good images')
      .requiredOption('-o, --output <folder>', 'folder to make, new or empty')
      .requiredOption('--degradation <file>', 'JSON of a degradation, or burst for RAW bursts')
      .option('--list <file>', 'names of the images to take, one on each line (default: all)')
      .option('--count <n>', 'examples (default: one for each image)')
      .option('--seed <n>', 'integer; burst k has this seed plus k', '0')
      .option('--layout <layout>', 'pairs, gopro, synthetic-burst (default: pairs, or for bursts)')
      .option(
        '--size <pixels>',
        'side of a square target at a random place (default: all there is)',
      )
      .option('--frames <n>', 'frames of a burst (default: 14)')
      .option('--bits <n>', 'bits per channel of pairs, 8 or 16', '16'),
  run: async ({ options, report, signal }) => {
    const { input, bits, degradation, ...own } = parseOptions(optionsSchema, options);
    const settings = degradation === 'burst' ? 'burst' : await readSettings(degradation);
    if (settings !== 'burst' && own.frames !== undefined)
      throw new ParameterError('--frames', 'only with --degradation burst', own.frames);
    const optional = Object.fromEntries(
      Object.entries(own).filter(([, value]) => value !== undefined),
    ) as Pick<typeof own, 'output' | 'seed'>;
    const progress = report.progress('making', own.count ?? 1);
    const made = await makeDataset({
      ...optional,
      photographs: input,
      degradation: settings,
      bitDepth: bits === '8' ? 8 : 16,
      signal,
      onProgress: (done, total) => progress.update((done / total) * (own.count ?? 1)),
    });
    const text = `${made.folder}: ${made.count} examples, ${made.layout}, scale ${made.scale}`;
    report.result(made, text);
    return exitCodes.done;
  },
};

async function readSettings(path: string): Promise<unknown> {
  const expected = 'a JSON file of a degradation, or burst';
  try {
    return JSON.parse(await readInputText(path, 2 ** 20));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'It is not JSON.' : 'It cannot be read.';
    throw new ParameterError('--degradation', expected, path, reason);
  }
}
