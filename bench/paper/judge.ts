import type { MetricColumn } from '../../src/evaluation/benchmark/metric-column.js';
import type { BenchmarkRecord } from '../../src/evaluation/benchmark/record.js';
import type { Comparison } from './table.js';

/** What figures say about a statement. */
export type Outcome = 'holds' | 'does not hold' | 'undecided';

/** By how much one row is better than another in one metric. */
export interface Judgement {
  /** Mean over pictures of the improvement: positive where the row is better. */
  readonly gain: number;
  /** Standard error of it over pictures. */
  readonly error: number;
  readonly pictures: number;
  readonly outcome: Outcome;
}

/** Half width of the interval that decides, in standard errors. */
const WIDTH = 2;

/**
 * Compares two methods picture by picture. A statement holds, or does not, where the gain two
 * standard errors around its mean is wholly on one side of what is expected.
 * @returns undefined with fewer than two pictures that both have a finite figure of.
 */
export function judge(
  row: readonly BenchmarkRecord[],
  against: readonly BenchmarkRecord[],
  { key, direction }: Pick<MetricColumn, 'key' | 'direction'>,
  expected: Comparison['expected'],
): Judgement | undefined {
  const [ours, theirs] = [perPicture(row, key), perPicture(against, key)];
  const gains = [...ours].flatMap(([item, value]) => {
    const other = theirs.get(item);
    if (other === undefined) return [];
    return [direction === 'higher' ? value - other : other - value];
  });
  if (gains.length < 2) return undefined;
  const gain = mean(gains);
  const squares = gains.reduce((sum, each) => sum + (each - gain) ** 2, 0);
  const error = Math.sqrt(squares / (gains.length - 1) / gains.length);
  const least = expected === 'better' ? 0 : -expected.within;
  return { gain, error, pictures: gains.length, outcome: outcomeOf(gain, error, least) };
}

function outcomeOf(gain: number, error: number, least: number): Outcome {
  if (gain - WIDTH * error > least) return 'holds';
  return gain + WIDTH * error < least ? 'does not hold' : 'undecided';
}

/** The figure of each picture, a mean over seeds. */
function perPicture(records: readonly BenchmarkRecord[], key: string): Map<string, number> {
  const all = new Map<string, number[]>();
  for (const { item, values } of records) {
    const value = values[key];
    if (value !== undefined && Number.isFinite(value))
      all.set(item, [...(all.get(item) ?? []), value]);
  }
  return new Map([...all].map(([item, values]) => [item, mean(values)]));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
