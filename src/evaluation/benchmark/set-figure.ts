import type { SetMetric } from '../metrics/set-metric.js';
import { type Interval, percentileInterval, type Resampler } from '../statistics/bootstrap.js';
import { deviation, mean } from './mean.js';

/** The figure of a method's results as a set. */
export interface SetFigure {
  /** Images of the set. */
  readonly items: number;
  /** Over seeds, of the figure of all images. */
  readonly mean: number;
  /** Sample standard deviation over seeds; null of a single seed. */
  readonly deviation: number | null;
  /** Null of a single image. */
  readonly interval: Interval | null;
  /**
   * The figure of each resample, a mean over seeds, centred on that of all images; resamples of
   * another method are the same.
   */
  readonly resampled: readonly number[];
}

/**
 * The figure of a set of images and its bootstrap: in every resample the figure is computed anew
 * from the sketches of the images in it, results and targets together. A resample holds fewer
 * different images than the set, for which distances between distributions are larger on the whole:
 * figures of resamples are shifted so that their mean is the figure of the set, and tell its spread.
 * @param results for each seed the sketches of all images.
 * @param targets their sketches, in the same order.
 * @throws what the metric throws.
 */
export function setFigure(
  metric: SetMetric,
  results: readonly (readonly Uint8Array[])[],
  targets: readonly Uint8Array[],
  draws: Resampler,
): SetFigure {
  const all = targets.map((_, place) => place);
  const resamples = targets.length < 2 ? [] : draws.of(targets.length);
  const sums = new Array<number>(resamples.length).fill(0);
  const figures = results.map((sketches) => {
    const figureOf = metric.prepare(sketches, targets);
    resamples.forEach((picks, resample) => {
      sums[resample]! += figureOf(picks) / results.length;
    });
    return figureOf(all);
  });
  const figure = mean(figures);
  const shift = figure - mean(sums);
  const resampled = sums.map((sum) => sum + shift);
  return {
    items: targets.length,
    mean: figure,
    deviation: deviation(figures),
    interval: resampled.length === 0 ? null : percentileInterval(resampled),
    resampled,
  };
}
