import { ParameterError } from '../../src/utils/errors.js';

/** File names of the photographs in each list. */
export interface Splits {
  /** Every fourth photograph: what results are measured on. Nothing is tuned or trained on it. */
  readonly benchmark: readonly string[];
  /** Every fifth of the benchmark, for chains too long to be run on all of it. */
  readonly benchmarkSubset: readonly string[];
  /** The first 50 of the others: settings are chosen on these. */
  readonly tuning: readonly string[];
  /** All that remain. */
  readonly experiments: readonly string[];
}

/** The lists by the names of their files. */
export const splitFiles: Readonly<Record<keyof Splits, string>> = {
  benchmark: 'bench/splits/bsds-benchmark.txt',
  benchmarkSubset: 'bench/splits/bsds-benchmark-20.txt',
  tuning: 'bench/splits/bsds-tuning.txt',
  experiments: 'bench/splits/bsds-experiments.txt',
};

const BENCHMARK_STRIDE = 4;
const SUBSET_STRIDE = 5;
const TUNING_COUNT = 50;

/**
 * Splits photographs by their names in ascending order of code units: indices 0, 4, 8, ... are the
 * benchmark, and of it indices 0, 5, 10, ... the subset; of the others the first 50 are for tuning
 * and the rest for experiments.
 * @throws ParameterError for a name that occurs twice.
 * @example
 * splitNames(['b.jpg', 'a.jpg']).benchmark; // ['a.jpg']
 */
export function splitNames(names: readonly string[]): Splits {
  const sorted = [...names].sort();
  const twice = sorted.find((name, index) => name === sorted[index - 1]);
  if (twice !== undefined) throw new ParameterError('names', 'each name once', twice);
  const benchmark = sorted.filter((_, index) => index % BENCHMARK_STRIDE === 0);
  const others = sorted.filter((_, index) => index % BENCHMARK_STRIDE !== 0);
  return {
    benchmark,
    benchmarkSubset: benchmark.filter((_, index) => index % SUBSET_STRIDE === 0),
    tuning: others.slice(0, TUNING_COUNT),
    experiments: others.slice(TUNING_COUNT),
  };
}

/** A list as its file holds it: a name on each line. */
export function listText(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('');
}
