import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type BenchCase, cases } from './cases.js';

/** The time that passes, or that of all processors together. */
export type Clock = 'wall' | 'cpu';

/** What is measured, and how long. */
export interface BenchOptions {
  readonly rounds: number;
  readonly threads: number;
  /** Milliseconds that each side runs in a round, at least; one repetition is always made. */
  readonly duration: number;
  readonly cases: readonly BenchCase[];
  /** The whole table, fit to be kept. */
  readonly complete: boolean;
  readonly clock: Clock;
  /** Whether our threads wait for each other busily, as PyTorch's do. */
  readonly busyWait: boolean;
  /** File for the table of these cases. */
  readonly output: string | undefined;
  /** Folder with shared libraries for PyTorch. */
  readonly torchLibraries: string | undefined;
}

export const USAGE = `npm run bench -- [options]
  --rounds N              rounds of ours and theirs in turn (default 7, quick 2)
  --cases a,b             of ${cases.map(({ name }) => name).join(', ')}
  --threads N             threads on both sides (default: the machine's)
  --torch-libraries DIR   shared libraries that PyTorch shall find first, such as OpenBLAS
  --cpu-time              measure processor time, which other work on the machine disturbs less;
                          with one thread the ratios are about those of an idle machine
  --busy-wait             our threads wait busily, which shipped jobs leave off
  --output FILE           write the table of the chosen cases there
  --quick                 two short rounds, training with the small batch; nothing is written
The table is written to docs/ only when all cases were measured in full.`;

/** @throws TypeError or RangeError for an option that is unknown or has a wrong value. */
export function parseOptions(words: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string' },
      cases: { type: 'string' },
      threads: { type: 'string', default: `${availableParallelism()}` },
      'torch-libraries': { type: 'string' },
      'cpu-time': { type: 'boolean', default: false },
      'busy-wait': { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      output: { type: 'string' },
    },
  });
  const { quick } = values;
  const chosen =
    values.cases === undefined
      ? cases.filter(({ name }) => !(quick && name === 'fusion-training'))
      : values.cases.split(',').map(findCase);
  return {
    rounds: positive('--rounds', values.rounds ?? (quick ? '2' : '7')),
    threads: positive('--threads', values.threads),
    duration: quick ? 300 : 2000,
    cases: chosen,
    complete: !quick && !values['cpu-time'] && values.cases === undefined,
    output: values.output,
    busyWait: values['busy-wait'],
    clock: values['cpu-time'] ? 'cpu' : 'wall',
    torchLibraries: values['torch-libraries'],
  };
}

function findCase(name: string): BenchCase {
  const found = cases.find((candidate) => candidate.name === name);
  if (found === undefined)
    throw new RangeError(
      `--cases: expected some of ${cases.map((each) => each.name).join(', ')}, received ${name}`,
    );
  return found;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${option}: expected a positive integer, received ${text}`);
  return value;
}
