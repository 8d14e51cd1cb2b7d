import { join } from 'node:path';
import { z } from 'zod';
import type { JobContext } from '../../engine/job.js';
import { digestOf } from '../../evaluation/benchmark/digest.js';
import { metricKey } from '../../evaluation/benchmark/metric-column.js';
import { type SetFigure, setFigure } from '../../evaluation/benchmark/set-figure.js';
import { findSetMetric } from '../../evaluation/metrics/set-metrics.js';
import { Resampler } from '../../evaluation/statistics/bootstrap.js';
import { readInputText } from '../../files/input-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { ParameterError } from '../../tensor/errors.js';
import { SketchStore } from './sketch-store.js';

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
export async function setFiguresJob(
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
    const known = await keptFigure(path);
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

async function keptFigure(path: string): Promise<SetFigure | undefined> {
  const text = await readInputText(path, 2 ** 26).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = figureSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
