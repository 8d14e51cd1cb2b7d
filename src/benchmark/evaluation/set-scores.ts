import { join } from 'node:path';
import { z } from 'zod';
import type { Engine } from '../../engine/engine.js';
import { defineJob, type JobContext } from '../../engine/job.js';
import { digestOf } from '../../files/digest.js';
import { readInputText } from '../../files/input-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { metricKey } from '../../metrics/metric.js';
import { Resampler } from '../../metrics/statistics.js';
import type { BenchmarkRecord } from '../../reports/tables/record.js';
import { type SetScore, setScore } from '../../reports/tables/summarise.js';
import { ParameterError } from '../../utils/errors.js';
import { type MetricFiles, openMetrics } from '../metrics/open-metrics.js';
import type { Plan, RequestedColumn } from './plan.js';
import { SketchStore } from './record-folder.js';

const setScoresJob = defineJob<typeof computeSetScores>(import.meta.url, 'computeSetScores');

/**
 * Most resamples for metrics of sets, whose score is computed anew in each: an interval at 95 %
 * hardly changes beyond them, and p values reach down to 0.004.
 */
const MOST_RESAMPLES = 500;

/** Scores of sets by the index of the data set, that of the method, and `metricKey`. */
export type SetScores = (dataset: number, method: number) => ReadonlyMap<string, SetScore>;

/**
 * Judges the results of each method on each data set as a set, in an engine process. Images that
 * some seed lacks, or that the metric cannot sketch, are ignored.
 * @param records found by their key.
 */
export async function setScores(
  engine: Engine,
  { datasets, units }: Plan,
  columns: readonly RequestedColumn[],
  {
    find,
    folder,
    files,
    draws,
    signal,
  }: {
    readonly find: (key: string) => BenchmarkRecord | undefined;
    readonly folder: string;
    readonly files: MetricFiles;
    readonly draws: Resampler;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SetScores> {
  const found = new Map<string, Map<string, SetScore>>();
  const keyOf = (dataset: number, method: number): string => `${dataset} ${method}`;
  const sets: { readonly setKey: string; readonly key: string; readonly set: SketchedSet }[] = [];
  const methods = Math.max(0, ...units.map(({ method }) => method + 1));
  for (const { key, name, ofSets } of columns) {
    if (ofSets !== true) continue;
    for (const [dataset, { name: of }] of datasets.entries())
      for (let method = 0; method < methods; method++) {
        const own = units.filter((unit) => unit.dataset === of && unit.method === method);
        const set = sketchedSet(own, name, key, find);
        if (set !== undefined) sets.push({ setKey: keyOf(dataset, method), key, set });
      }
  }
  if (sets.length > 0) {
    const task: SetScoresTask = {
      ...{ folder, files, sets: sets.map(({ set }) => set) },
      resamples: Math.min(MOST_RESAMPLES, draws.resamples),
    };
    const scores = await engine.run(setScoresJob, task, { signal });
    for (const [index, { setKey, key }] of sets.entries())
      found.set(setKey, (found.get(setKey) ?? new Map()).set(key, scores[index]!));
  }
  return (dataset, method) => found.get(keyOf(dataset, method)) ?? new Map();
}

function sketchedSet(
  units: Plan['units'],
  metric: string,
  key: string,
  find: (key: string) => BenchmarkRecord | undefined,
): SketchedSet | undefined {
  const seeds = [...new Set(units.map(({ seed }) => seed))];
  const items = [...new Set(units.map(({ item }) => item))];
  const sketches = items.flatMap((item) => {
    const own = seeds.flatMap((seed) => {
      const unit = units.find((each) => each.item === item && each.seed === seed);
      return (unit && find(unit.key)?.sketches?.[key]) ?? [];
    });
    return own.length === seeds.length ? [own] : [];
  });
  if (sketches.length === 0) return undefined;
  return {
    metric,
    results: seeds.map((_, seed) => sketches.map((own) => own[seed]!.result)),
    targets: sketches.map((own) => own[0]!.target),
  };
}

/** The sketches of one method on one data set for one metric. */
interface SketchedSet {
  readonly metric: string;
  /** For each seed, what finds the sketches of results in the order of the images. */
  readonly results: readonly (readonly string[])[];
  readonly targets: readonly string[];
}

/** Sets to judge. */
interface SetScoresTask {
  /** Folder of sketches. */
  readonly folder: string;
  /** What metrics load. */
  readonly files: MetricFiles;
  readonly sets: readonly SketchedSet[];
  readonly resamples: number;
}

const scoreSchema = z.object({
  items: z.int().min(1),
  mean: z.number(),
  deviation: z.number().nullable(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  resampled: z.array(z.number()),
});

/**
 * The scores of sets in their order. A score is cached beside its sketches under what it depends
 * on, and is not computed again.
 */
export async function computeSetScores(
  context: JobContext,
  { folder, files, sets, resamples }: SetScoresTask,
): Promise<SetScore[]> {
  const store = new SketchStore(folder);
  const draws = new Resampler({ resamples });
  const names = [...new Set(sets.map(({ metric }) => metric))];
  const opened = (await openMetrics(names, files, () => context.runner({}))).flatMap((each) =>
    'metric' in each && each.metric.input === 'set' ? [each.metric] : [],
  );
  const scores: SetScore[] = [];
  for (const { metric: name, results, targets } of sets) {
    await context.checkpoint();
    const metric = opened.find((each) => each.name === name);
    if (metric === undefined) throw new ParameterError('metrics', 'a metric of sets', name);
    const digest = digestOf({ format: 2, key: metricKey(metric), results, targets, resamples });
    const path = join(store.folderOf(metric), `${digest}.json`);
    const cached = await cachedScore(path);
    if (cached !== undefined) {
      scores.push(cached);
      continue;
    }
    const read = (names: readonly string[]) =>
      Promise.all(names.map((each) => store.read(metric, each)));
    const sketched = await Promise.all(results.map(read));
    const score = setScore(metric, sketched, await read(targets), draws);
    await writeFileAtomic(path, new TextEncoder().encode(JSON.stringify(score)));
    scores.push(score);
  }
  return scores;
}

async function cachedScore(path: string): Promise<SetScore | undefined> {
  const text = await readInputText(path, 2 ** 26).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = scoreSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
