import { ParameterError } from '../../tensor/errors.js';

/** Level below which an adjusted p value is significant, everywhere in this package. */
export const SIGNIFICANCE = 0.05;

/**
 * Holm's step-down adjustment (Holm 1979): with p_(1) <= ... <= p_(m), the adjusted value of p_(k)
 * is the largest of (m - j + 1) p_(j) over j <= k, at most 1. Rejecting what is below a level then
 * keeps the chance of a single false rejection among all m below that level, whatever the
 * comparisons have to do with each other.
 * @param values p values of one family, in any order.
 * @returns adjusted ones in the same order.
 * @throws ParameterError for a value outside [0, 1].
 * @example
 * holmAdjusted([0.01, 0.04, 0.03]); // [0.03, 0.06, 0.06]
 */
export function holmAdjusted(values: readonly number[]): number[] {
  const stray = values.find((value) => !(value >= 0 && value <= 1));
  if (stray !== undefined) throw new ParameterError('values', 'p values in [0, 1]', stray);
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[index]!));
    adjusted[index] = largest;
  }
  return adjusted;
}
