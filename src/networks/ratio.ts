/** Numbers of features of a layer and of the hidden layer that a ratio makes of them. */
export type HiddenFeatures = readonly [features: number, hidden: number];

/** Ratios that architectures are published with, and that fewer digits would miss. */
const PUBLISHED = [2.66, 2.667];
const MOST_DIGITS = 6;

/**
 * The ratio that a configuration may have stated, given what layers it made: every hidden number is
 * the features times it, rounded down. A whole number where one fits, else a published one, else
 * the one with the fewest digits; undefined where none fits all.
 */
export function simplestRatio(layers: readonly HiddenFeatures[]): number | undefined {
  const fits = (ratio: number): boolean =>
    layers.every(([features, hidden]) => Math.floor(features * ratio) === hidden);
  const lowest = Math.max(...layers.map(([features, hidden]) => hidden / features));
  const rounded = (digits: number): number => Math.ceil(lowest * 10 ** digits) / 10 ** digits;
  const byDigits = Array.from({ length: MOST_DIGITS }, (_, digits) => rounded(digits + 1));
  return [rounded(0), ...PUBLISHED, ...byDigits, lowest].find(fits);
}
