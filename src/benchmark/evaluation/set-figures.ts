import { join } from 'node:path';
import { z } from 'zod';
import type { Engine } from '../../engine/engine.js';
import { defineJob, type JobContext } from '../../engine/job.js';
import { digestOf } from '../../files/digest.js';
import { readInputText } from '../../files/input-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { findSetMetric } from '../../metrics/set-metrics.js';
import { Resampler } from '../../metrics/statistics.js';
import { ParameterError } from '../../utils/errors.js';
import { metricKey } from '../metrics/metric-definition.js';
import { type SetFigure, setFigure } from '../tables/summarise.js';
import type { Plan, RequestedColumn } from './plan.js';
import { SketchStore } from './record-folder.js';
import type { BenchmarkRecord } from './records.js';

const setFiguresJob = defineJob<typeof computeSetFigures>(import.meta.url, 'computeSetFigures');

/**
 * Most resamples for metrics of sets, whose figure is computed anew in each: an interval at 95 %
 * hardly changes beyond them, and p values are told down to 0.004.
 */
const MOST_RESAMPLES = 500;

/** Figures of sets by the place of the data set, that of the method, and `metricKey`. */
export type SetFigures = (dataset: number, method: number) => ReadonlyMap<string, SetFigure>;

/**
 * Judges the results of each method on each data set as a set, in an engine process. Images that
 * some seed lacks, or that the metric cannot sketch, are left out.
 * @param records found by their key.
 */
export async function setFigures(
  engine: Engine,
  { datasets, units }: Plan,
  columns: readonly RequestedColumn[],
  {
    find,
    folder,
    draws,
    signal,
  }: {
    readonly find: (key: string) => BenchmarkRecord | undefined;
    readonly folder: string;
    readonly draws: Resampler;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SetFigures> {
  const found = new Map<string, Map<string, SetFigure>>();
  const placeOf = (dataset: number, method: number): string => `${dataset} ${method}`;
  const sets: { readonly place: string; readonly key: string; readonly set: SketchedSet }[] = [];
  const methods = Math.max(0, ...units.map(({ method }) => method + 1));
  for (const { key, name, ofSets } of columns) {
    if (ofSets !== true) continue;
    for (const [dataset, { name: of }] of datasets.entries())
      for (let method = 0; method < methods; method++) {
        const own = units.filter((unit) => unit.dataset === of && unit.method === method);
        const set = sketchedSet(own, name, key, find);
        if (set !== undefined) sets.push({ place: placeOf(dataset, method), key, set });
      }
  }
  if (sets.length > 0) {
    const task: SetFiguresTask = {
      ...{ folder, sets: sets.map(({ set }) => set) },
      resamples: Math.min(MOST_RESAMPLES, draws.resamples),
    };
    const figures = await engine.run(setFiguresJob, task, { signal });
    for (const [index, { place, key }] of sets.entries())
      found.set(place, (found.get(place) ?? new Map()).set(key, figures[index]!));
  }
  return (dataset, method) => found.get(placeOf(dataset, method)) ?? new Map();
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
export interface SketchedSet {
  readonly metric: string;
  /** For each seed, what finds the sketches of results in the order of the images. */
  readonly results: readonly (readonly string[])[];
  readonly targets: readonly string[];
}

/** Sets to judge. */
export interface SetFiguresTask {
  /** Folder of sketches. */
  readonly folder: string;
  readonly sets: readonly SketchedSet[];
  readonly resamples: number;
}

const figureSchema = z.object({
  items: z.int().min(1),
  mean: z.number(),
  deviation: z.number().nullable(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  resampled: z.array(z.number()),
});

/**
 * The figures of sets in their order. A figure is kept beside its sketches under what it depends
 * on, and is not computed again.
 */
export async function computeSetFigures(
  context: JobContext,
  { folder, sets, resamples }: SetFiguresTask,
): Promise<SetFigure[]> {
  const store = new SketchStore(folder);
  const draws = new Resampler({ resamples });
  const figures: SetFigure[] = [];
  for (const { metric: name, results, targets } of sets) {
    await context.checkpoint();
    const metric = findSetMetric(name);
    if (metric === undefined) throw new ParameterError('metrics', 'a metric of sets', name);
    const digest = digestOf({ format: 2, key: metricKey(metric), results, targets, resamples });
    const path = join(store.folderOf(metric), `${digest}.json`);
    const known = await cachedFigure(path);
    if (known !== undefined) {
      figures.push(known);
      continue;
    }
    const read = (names: readonly string[]) =>
      Promise.all(names.map((each) => store.read(metric, each)));
    const sketched = await Promise.all(results.map(read));
    const figure = setFigure(metric, sketched, await read(targets), draws);
    await writeFileAtomic(path, new TextEncoder().encode(JSON.stringify(figure)));
    figures.push(figure);
  }
  return figures;
}

async function cachedFigure(path: string): Promise<SetFigure | undefined> {
  const text = await readInputText(path, 2 ** 26).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = figureSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
