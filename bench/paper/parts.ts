import { type DatasetName, datasetList, datasetSubset } from './datasets.js';
import type { Experiment, Row } from './table.js';

/** Rows of an experiment that are measured on the same photographs with the same seeds. */
export interface Part {
  readonly dataset: DatasetName;
  /** File that names the photographs; undefined for all of the data set. */
  readonly list: string | undefined;
  readonly seeds: readonly number[];
  readonly rows: readonly Row[];
  readonly comparisons: Experiment['comparisons'];
  /** What tells it from the other parts, for the title of its table. */
  readonly title: string;
}

/** Seeds of rows that are run on whole data sets. */
export const SEEDS: readonly number[] = [0, 1, 2];
/** That of long rows. */
export const LONG_SEEDS: readonly number[] = [0];
/** Evaluations of denoiser and fusion network beyond which a row is long. */
export const LONG = 25;

/** Evaluations that a method states; those of packs by default are few. */
export function stepsOf({ method }: Pick<Row, 'method'>): number {
  return Number(/@steps=(\d+)/.exec(method)?.[1] ?? 0);
}

/** Whether a row is measured on the subset alone. */
export function isLong(row: Row): boolean {
  return stepsOf(row) > LONG;
}

/**
 * The parts in which an experiment is measured on a data set: short rows on all of it with three
 * seeds; where there are long rows, all rows once more on the subset with one seed, so that long
 * ones are compared with short ones on the same photographs and the same noise. The short rows'
 * scores are there already by then.
 */
export function partsOf(
  { rows, comparisons, datasets }: Pick<Experiment, 'rows' | 'comparisons' | 'datasets'>,
  dataset: DatasetName = datasets[0]!,
): Part[] {
  const long = new Set(rows.filter(isLong).map(({ name }) => name));
  const concernsLong = ({ row, against }: Experiment['comparisons'][number]): boolean =>
    long.has(row) || long.has(against);
  const short = rows.filter(({ name }) => !long.has(name));
  const subset = datasetSubset(dataset);
  const parts: Part[] = [];
  if (short.length > 0)
    parts.push({
      ...{ dataset, list: datasetList(dataset), seeds: SEEDS, rows: short },
      comparisons: comparisons.filter((own) => !concernsLong(own)),
      title: `${dataset}, seeds ${SEEDS.join(', ')}`,
    });
  if (long.size > 0 && subset !== undefined)
    parts.push({
      ...{ dataset, list: subset, seeds: LONG_SEEDS, rows },
      comparisons: comparisons.filter(concernsLong),
      title: `${dataset}, the part for chains of more than ${LONG} evaluations, seed ${LONG_SEEDS.join(', ')}`,
    });
  return parts;
}
