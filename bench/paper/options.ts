import { parseArgs } from 'node:util';
import { ParameterError } from '../../src/utils/errors.js';
import { trainedModule, trainedModules } from './modules.js';
import type { Places } from './places.js';
import type { Row } from './table.js';
import { tables } from './tables/index.js';

/** What the program is asked for. */
export interface PaperOptions {
  readonly task: 'list' | 'train' | 'tables';
  readonly places: Places;
  /** Numbers of tables to measure. */
  readonly tables: readonly number[];
  /** Modules to train. */
  readonly modules: readonly string[];
  readonly steps: number;
  readonly threads: number | undefined;
  readonly limit: number | undefined;
  /** Rows whose names have one of these texts are not measured. */
  readonly without: readonly string[];
  /** Folders of other people's results, by the number of their table. */
  readonly outputs: ReadonlyMap<number, readonly Row[]>;
  /** The document that sections go into; standard output without one. */
  readonly document: string | undefined;
}

export const USAGE = `npm run paper -- [options] list | train [MODULE...] | TABLE... | all
  list                    what each table needs, and whether it is there
  train                   train modules that are missing or have fewer steps; default: all
  TABLE...                measure tables of the paper by their numbers
  --data DIR              folder with test/set5 and so on (default: $DATA)
  --runs DIR              folder of what is trained, made and measured (default: $RUNS or runs/paper)
  --output FILE           put the sections of the tables into this document, such as docs/results.md
  --outputs N:NAME=DIR    results of another method as a row of table N; may be repeated
  --without TEXT          leave out rows whose names have this text; may be repeated
  --limit N               most images of each data set
  --steps N               of training (default 3000)
  --threads N             CPU threads (default: all cores)`;

/** @throws ParameterError or TypeError for an option that is unknown or has a wrong value. */
export function parseOptions(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): PaperOptions {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      runs: { type: 'string' },
      output: { type: 'string' },
      outputs: { type: 'string', multiple: true, default: [] },
      without: { type: 'string', multiple: true, default: [] },
      limit: { type: 'string' },
      steps: { type: 'string', default: '3000' },
      threads: { type: 'string' },
    },
  });
  const data = values.data ?? environment.DATA;
  if (data === undefined) throw new ParameterError('--data', 'a folder, or $DATA', undefined);
  const places = { data, runs: values.runs ?? environment.RUNS ?? 'runs/paper' };
  const [first, ...others] = positionals;
  const task = first === 'list' || first === 'train' ? first : 'tables';
  return {
    ...{ task, places },
    tables: task === 'tables' ? tableNumbers(positionals) : [],
    modules: task === 'train' ? moduleNames(others) : [],
    steps: count('--steps', values.steps)!,
    threads: count('--threads', values.threads),
    limit: count('--limit', values.limit),
    without: values.without,
    outputs: outputRows(values.outputs),
    document: values.output,
  };
}

function tableNumbers(words: readonly string[]): number[] {
  const known = tables.map(({ number }) => number);
  if (words.length === 1 && words[0] === 'all') return known;
  const numbers = words.map(Number);
  const unknown = words.find((_, index) => !known.includes(numbers[index]!));
  if (words.length === 0 || unknown !== undefined)
    throw new ParameterError('tables', `list, train, all or some of ${known}`, unknown);
  return [...new Set(numbers)];
}

/** All of them in an order in which they can be trained. */
function moduleNames(words: readonly string[]): string[] {
  if (words.length === 0) return trainedModules.map(({ name }) => name);
  return words.map((name) => trainedModule(name).name);
}

function outputRows(words: readonly string[]): Map<number, Row[]> {
  const rows = new Map<number, Row[]>();
  for (const word of words) {
    const found = /^(\d+):([^=,]+)=([^,]+)$/.exec(word);
    if (found === null) throw new ParameterError('--outputs', 'N:NAME=FOLDER', word);
    const [, number, name, folder] = found as unknown as [string, string, string, string];
    const row = { name, method: `outputs:${name}=${folder}` };
    rows.set(Number(number), [...(rows.get(Number(number)) ?? []), row]);
  }
  return rows;
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new ParameterError(name, 'a positive integer', text);
  return Number(text);
}
