import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isImageName } from '../../src/datasets/list-folder.js';
import { writeFileAtomic } from '../../src/files/write-atomic.js';
import { listText, type Splits, splitFiles, splitNames } from './split-names.js';

/**
 * Writes the lists of benchmark, tuning and experiments from the photographs of `$DATA/train/bsds`;
 * with `--check` compares them with the committed ones and fails where they differ.
 *
 *   npx tsx bench/splits/write-splits.ts [--data DIR] [--check]
 */
const { values } = parseArgs({
  options: { data: { type: 'string' }, check: { type: 'boolean', default: false } },
});
const data = values.data ?? process.env.DATA;
if (data === undefined) throw new RangeError('--data: expected a folder, or $DATA');
const names = (await readdir(join(data, 'train/bsds'))).filter(isImageName);
const splits = splitNames(names);
for (const key of Object.keys(splitFiles) as (keyof Splits)[]) {
  const [file, text] = [splitFiles[key], listText(splits[key])];
  if (!values.check) await writeFileAtomic(file, new TextEncoder().encode(text));
  else if ((await readFile(file, 'utf8')) !== text) {
    console.error(`${file}: differs from the photographs of ${data}/train/bsds`);
    process.exitCode = 1;
    continue;
  }
  console.log(`${file}: ${splits[key].length} photographs`);
}
