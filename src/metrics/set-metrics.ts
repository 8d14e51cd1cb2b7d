import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import type { MetricFacts } from './metric.js';
import { prepareSlicedWasserstein, type SwdSketch, sketchImage } from './sliced-wasserstein.js';

/** Those of every figure called `swd`: its version changes with them. */
const swdSettings = { levels: 4, patches: 128, directions: 64, seed: 0 } as const;
const levelLength = swdSettings.patches * swdSettings.directions;

/**
 * The sliced Wasserstein distance between the patches of all results and those of all targets, mean
 * over four levels of the Laplacian pyramid, in units of 1/255; see `slicedWasserstein`. Sketches
 * hold projections onto the same directions for every image.
 */
export const swd: SetMetric = {
  name: 'swd',
  title: 'sliced Wasserstein distance between the patches of all results and of all targets',
  judges: 'perception',
  direction: 'lower',
  range: [0, Infinity],
  unit: '1/255',
  colourSpace: 'rgb',
  border: 0,
  version: '1',
  sketch: (image) => encodeSketch(sketchImage(image, swdSettings)),
  prepare: (results, targets) => {
    const resampled = prepareSlicedWasserstein(
      results.map(decodeSketch),
      targets.map(decodeSketch),
    );
    return (picks) => resampled(picks).mean;
  },
};

/** Levels one after another, floats of 4 bytes, little end first. */
function encodeSketch({ levels }: SwdSketch): Uint8Array {
  const bytes = new Uint8Array(4 * swdSettings.levels * levelLength);
  const view = new DataView(bytes.buffer);
  levels.forEach((values, level) => {
    values.forEach((value, place) => {
      view.setFloat32(4 * (level * levelLength + place), value, true);
    });
  });
  return bytes;
}

function decodeSketch(bytes: Uint8Array): SwdSketch {
  const expected = 4 * swdSettings.levels * levelLength;
  if (bytes.length !== expected)
    throw new ParameterError('sketch', `${expected} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const levels = Array.from({ length: swdSettings.levels }, (_, level) =>
    Float32Array.from({ length: levelLength }, (_, place) =>
      view.getFloat32(4 * (level * levelLength + place), true),
    ),
  );
  return { settings: swdSettings, levels };
}

/** Every metric of sets of images, in the order of columns. A new one is added here. */
export const setMetrics: readonly SetMetric[] = [swd];

/** The metric of a name, where there is one; names are read in any case. */
export function findSetMetric(name: string): SetMetric | undefined {
  return setMetrics.find((metric) => metric.name === name.trim().toLowerCase());
}

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
