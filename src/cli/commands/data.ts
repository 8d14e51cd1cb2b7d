import { relative } from 'node:path';
import { z } from 'zod';
import { checkDataset, type DatasetCheck } from '../../datasets/check-dataset.js';
import { type ImageDataset, layoutNames } from '../../datasets/dataset.js';
import { makeDataset } from '../../datasets/make-dataset.js';
import { openDataset } from '../../datasets/open-dataset.js';
import { readInputText } from '../../files/input-file.js';
import { ParameterError } from '../../utils/errors.js';
import { type CliCommand, exitCodes } from '../command.js';
import { visible } from '../format.js';
import { parseOptions, whole } from '../options.js';

const checkOptions = z.object({
  layout: z.enum(layoutNames).optional(),
  split: z.string().min(1).default('all'),
  full: z.boolean().default(false),
});

/** Says what is wrong with a data set. */
export const check: CliCommand = {
  name: 'check',
  configure: (check) =>
    check
      .description('check that a data set is whole: files, partners, sizes, depths, duplicates')
      .argument('<folder>', 'where the data set lies')
      .option('--layout <layout>', `how it lies: ${layoutNames.join(', ')} (default: found out)`)
      .option('--split <split>', 'such as train, valid or test', 'all')
      .option('--full', 'decode every pixel, not only headers')
      .addHelpText('after', '\nExits with 1 where there are problems; the first ten are named.\n'),
  run: async ({ arguments: [folder], options, report, signal }) => {
    const { layout, split, full } = parseOptions(checkOptions, options);
    const dataset = await openDataset(folder as string, {
      split,
      ...(layout !== undefined && { layout }),
    });
    const progress = report.progress('checking', dataset.items.length);
    const check = await checkDataset(dataset, {
      full,
      signal,
      onProgress: (done) => progress.update(done),
    });
    const { layout: found, folder: place, task = null, scale } = dataset;
    report.result(
      { folder: place, layout: found, task, scale, ...check },
      checkText(dataset, check),
    );
    return check.problemCount === 0 ? exitCodes.done : exitCodes.failed;
  },
};

function checkText(dataset: ImageDataset, check: DatasetCheck): string {
  const { folder, layout, task, scale } = dataset;
  const { items, inputs, targets, metadata, problemCount, problems } = check;
  const kind = [layout, ...(task === undefined ? [] : [task]), `scale ${scale}`].join(', ');
  const counts = [`${items} items`, `${inputs} inputs`, `${targets} targets`];
  if (metadata > 0) counts.push(`${metadata} files of metadata`);
  const lines = problems.map(
    ({ file, problem }) => `  ${visible(relative(folder, file))}: ${visible(problem)}`,
  );
  const more = problemCount - problems.length;
  return [
    `${visible(folder)}: ${kind}`,
    `  ${counts.join(', ')}`,
    problemCount === 0 ? '  no problems' : `  ${problemCount} problems`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}

const makeOptions = z.object({
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
export const make: CliCommand = {
  name: 'make',
  configure: (make) =>
    make
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
    const { input, bits, degradation, ...own } = parseOptions(makeOptions, options);
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

/** Everything about data sets on disk. */
export const command: CliCommand = {
  name: 'data',
  subcommands: [check, make],
};
