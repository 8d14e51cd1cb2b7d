import type { Engine } from '../../engine/engine.js';
import type { BenchmarkRecord } from '../../evaluation/benchmark/record.js';
import type { SetFigure } from '../../evaluation/benchmark/set-figure.js';
import type { Resampler } from '../../evaluation/statistics/bootstrap.js';
import type { RequestedColumn } from './describe-metrics.js';
import type { Plan } from './plan.js';
import type { SetFiguresTask, SketchedSet } from './set-figures-job.js';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jobs = new URL(`./set-figures-job.${extension}`, import.meta.url);

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
    const options = signal === undefined ? {} : { signal };
    const figures = await engine.run<SetFigure[]>(jobs, 'setFiguresJob', task, options);
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
