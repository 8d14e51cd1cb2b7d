import { relative } from 'node:path';
import { z } from 'zod';
import { checkDataset, type DatasetCheck } from '../../datasets/check-dataset.js';
import { type ImageDataset, layoutNames } from '../../datasets/dataset.js';
import { openDataset } from '../../datasets/open-dataset.js';
import { type CliCommand, exitCodes } from '../command.js';
import { visible } from '../format.js';
import { parseOptions } from '../options.js';

const optionsSchema = z.object({
  layout: z.enum(layoutNames).optional(),
  split: z.string().min(1).default('all'),
  full: z.boolean().default(false),
});

/** Says what is wrong with a data set. */
export const command: CliCommand = {
  name: 'check',
  configure: (command) =>
    command
      .description('check that a data set is whole: files, partners, sizes, depths, duplicates')
      .argument('<folder>', 'where the data set lies')
      .option('--layout <layout>', `how it lies: ${layoutNames.join(', ')} (default: found out)`)
      .option('--split <split>', 'such as train, valid or test', 'all')
      .option('--full', 'decode every pixel, not only headers')
      .addHelpText('after', '\nExits with 1 where there are problems; the first ten are named.\n'),
  run: async ({ arguments: [folder], options, report, signal }) => {
    const { layout, split, full } = parseOptions(optionsSchema, options);
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
