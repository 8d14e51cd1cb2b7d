import type { Tensor } from '../../tensor/tensor.js';
import type { MetricFacts } from './metric.js';

/**
 * A quality measure of a set of images against a set of targets, such as a distance between their
 * distributions. An image has no figure of its own, only a sketch: all of it that the figures of
 * sets need, so that any resample of the set can be judged without the image.
 */
export interface SetMetric extends MetricFacts {
  /** One line on what it measures. */
  readonly title: string;
  /** Distance from the targets, or how images look to people. */
  readonly judges: 'distortion' | 'perception';
  /**
   * Sketches an image; equal images have equal sketches.
   * @param image [3, H, W] R G B in [0, 1].
   * @throws ParameterError for another shape, too few pixels or values that are not finite.
   */
  sketch(image: Tensor): Uint8Array;
  /**
   * Prepares the figures of a set and its resamples.
   * @param results sketches of results.
   * @param targets sketches of their targets, in the same order.
   * @returns the figure of the images at some places, each of which may occur several times.
   * @throws ParameterError for empty sets, or sketches that this metric did not make.
   */
  prepare(
    results: readonly Uint8Array[],
    targets: readonly Uint8Array[],
  ): (picks: readonly number[]) => number;
}
