import type { BenchmarkRecord } from './record.js';

/**
 * The figure of each image in one metric, averaged over seeds, so that seeds of one image never
 * count as images of their own. Images that some seed lacks are left out.
 * @param records of one method on one data set.
 * @param key see `metricKey`.
 * @returns figures by the names of the images.
 */
export function imageFigures(
  records: readonly BenchmarkRecord[],
  key: string,
): Map<string, number> {
  const seeds = new Set(records.map(({ seed }) => seed)).size;
  const all = new Map<string, number[]>();
  for (const { item, values } of records) {
    const value = values[key];
    if (value === undefined) continue;
    const own = all.get(item);
    if (own === undefined) all.set(item, [value]);
    else own.push(value);
  }
  const whole = [...all].filter(([, values]) => values.length === seeds);
  return new Map(
    whole.map(([item, values]) => [
      item,
      values.reduce((sum, value) => sum + value, 0) / values.length,
    ]),
  );
}
