import { expect, test } from 'vitest';
import type { SetMetric } from '../metrics/set-metric.js';
import { Resampler } from '../statistics/bootstrap.js';
import { setFigure } from './set-figure.js';

/** The distance between the means of first bytes. */
const metric: SetMetric = {
  ...{ name: 'means', title: 'distance of means', judges: 'distortion', direction: 'lower' },
  ...{ range: [0, 255], unit: '', colourSpace: 'rgb', border: 0, version: '1' },
  sketch: ({ data }) => Uint8Array.of(data[0]!),
  prepare: (results, targets) => (picks) =>
    Math.abs(
      picks.reduce((sum, pick) => sum + results[pick]![0]! - targets[pick]![0]!, 0) / picks.length,
    ),
};
const bytes = (...values: number[]) => values.map((value) => Uint8Array.of(value));

test('the figure of all images is a mean over seeds, and resamples pick results and targets', () => {
  const targets = bytes(10, 20, 30);
  const figure = setFigure(
    metric,
    [bytes(14, 24, 34), bytes(12, 22, 32)],
    targets,
    new Resampler({ resamples: 30 }),
  );
  expect(figure).toMatchObject({ items: 3, mean: 3, deviation: Math.sqrt(2) });
  // Every image is 4 off with one seed and 2 with the other, whichever are picked.
  expect(figure.resampled).toHaveLength(30);
  for (const resampled of figure.resampled) expect(resampled).toBeCloseTo(3, 12);
  expect(figure.interval!.high - figure.interval!.low).toBeLessThan(1e-9);
});

test('figures of resamples are centred on that of the set', () => {
  /** How many different images there are too few: larger for every resample but a permutation. */
  const lacking: SetMetric = {
    ...metric,
    prepare: (results) => (picks) => results.length - new Set(picks).size,
  };
  const four = bytes(1, 2, 3, 4);
  const figure = setFigure(lacking, [four], four, new Resampler({ resamples: 300 }));
  expect(figure.mean).toBe(0);
  const mean = figure.resampled.reduce((sum, value) => sum + value / 300, 0);
  expect(mean).toBeCloseTo(0, 10);
  expect(figure.interval!.low).toBeLessThan(0);
  expect(figure.interval!.high).toBeGreaterThan(0);
});

test('a figure that images differ in has a wide interval, and one image has none', () => {
  const draws = new Resampler({ resamples: 200 });
  const { interval } = setFigure(metric, [bytes(10, 30)], bytes(10, 20), draws);
  // Means of two differences of 0 and 10: from 0 to 10 about their mean.
  expect(interval!.low).toBeGreaterThan(-1);
  expect(interval!.low).toBeLessThan(1);
  expect(interval!.high - interval!.low).toBeCloseTo(10, 10);
  expect(setFigure(metric, [bytes(9)], bytes(4), draws)).toEqual({
    ...{ items: 1, mean: 5, deviation: null, interval: null, resampled: [] },
  });
});
