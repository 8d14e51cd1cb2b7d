import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Engine } from '../src/engine/engine.js';
import { defineJob } from '../src/engine/job.js';
import { type Agreement, agreement } from './agreement.js';
import type { BenchCase } from './cases.js';
import type { BenchOptions, Clock } from './options.js';
import type { Preparation } from './ours/jobs.js';
import type { PytorchSide } from './pytorch-side.js';
import { median, type Ratio, ratio, type Timing, timing } from './statistics.js';

/** One line of the table. */
export interface Measured {
  readonly bench: BenchCase;
  readonly preparation: Preparation;
  readonly ours: Timing;
  readonly pytorch:
    | {
        readonly timing: Timing;
        /** The fastest way of use, and what every way took at first, in milliseconds. */
        readonly usage: string;
        readonly tried: Readonly<Record<string, number>>;
        readonly failed: Readonly<Record<string, string>>;
        readonly ratio: Ratio;
        readonly agreement: Agreement;
      }
    | undefined;
}

type Jobs = typeof import('./ours/jobs.js');
const jobs = new URL('./ours/jobs.js', import.meta.url);
const prepareJob = defineJob<Jobs['prepare']>(jobs, 'prepare');
const measureJob = defineJob<Jobs['measure']>(jobs, 'measure');
const outcomeJob = defineJob<Jobs['outcome']>(jobs, 'outcome');
const WARM_UPS = 2;
const TRIALS = 3;

/** Measures a case on both sides in turn, after both were warm and agreed on the numbers. */
export async function measureCase(
  bench: BenchCase,
  engine: Engine,
  pytorch: PytorchSide | undefined,
  options: BenchOptions,
): Promise<Measured> {
  const { threads, rounds, duration, clock, busyWait } = options;
  const preparation = await engine.run(prepareJob, {
    bench,
    threads,
    busyWait,
  });
  const measureOurs = (repetitions: number) => engine.run(measureJob, { repetitions, clock });
  const oursFor = repetitionsIn(duration, await measureOurs(WARM_UPS));
  const best = pytorch && (await bestUsage(bench, pytorch, clock));
  const agreed = pytorch && (await compare(bench, engine, pytorch));
  const theirsFor = pytorch && repetitionsIn(duration, await pytorch.measure(WARM_UPS, clock));

  const ours: number[][] = [];
  const theirs: number[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      async () => ours.push(await measureOurs(oursFor)),
      async () => pytorch && theirs.push(await pytorch.measure(theirsFor!, clock)),
    ];
    // Each side goes first as often as second, so that a drift favours neither.
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const compared = best && {
    ...best,
    timing: timing(theirs),
    ratio: ratio(ours, theirs),
    agreement: agreed!,
  };
  return { bench, preparation, ours: timing(ours), pytorch: compared };
}

function repetitionsIn(duration: number, warm: readonly number[]): number {
  return Math.max(2, Math.round(duration / Math.min(...warm)));
}

/** Lets PyTorch go on in the way of use that is fastest when warm. */
async function bestUsage(bench: BenchCase, pytorch: PytorchSide, clock: Clock) {
  const { usages, failed } = await pytorch.prepare(bench);
  const tried: Record<string, number> = {};
  for (const usage of usages) {
    await pytorch.measure(WARM_UPS, clock, usage);
    tried[usage] = median(await pytorch.measure(TRIALS, clock, usage));
  }
  const [usage] = Object.entries(tried).reduce((a, b) => (b[1] < a[1] ? b : a));
  await pytorch.choose(usage);
  return { usage, tried, failed };
}

async function compare(bench: BenchCase, engine: Engine, pytorch: PytorchSide): Promise<Agreement> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dp-ir-bench-'));
  try {
    const ours = await engine.run(outcomeJob, null);
    const theirs = await pytorch.outcome(bench, folder);
    const values = new Map(Object.entries(ours).map(([name, { data }]) => [name, data]));
    return agreement(bench.kind, values, theirs);
  } finally {
    await rm(folder, { recursive: true });
  }
}
