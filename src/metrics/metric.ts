import type { Tensor } from '../tensor/tensor.js';

/** What a metric looks at: the three channels, or a luma, MATLAB's unless the metric says which. */
export type ColourSpace = 'rgb' | 'luma';

/** Everything that a metric's figures depend on besides the images. */
export interface MetricFacts {
  readonly name: string;
  /** Which way is better. */
  readonly direction: 'higher' | 'lower';
  /** Least and greatest value. */
  readonly range: readonly [number, number];
  /** `dB` or `1/255`, a grey level of 8 bits; empty for a pure number. */
  readonly unit: string;
  readonly colourSpace: ColourSpace;
  /** Pixels left out along every edge. */
  readonly border: number;
  /** Changes whenever the same images would give another figure. */
  readonly version: string;
}

/** A full-reference quality measure. */
export interface Metric extends MetricFacts {
  /**
   * @param reference the target, [3, H, W] R G B in [0, 1].
   * @param test the image to judge, of the same shape.
   * @throws ParameterError for other shapes, too few pixels or values that are not finite.
   */
  compute(reference: Tensor, test: Tensor): number;
}

/** A quality measure that needs no reference. */
export interface BlindMetric extends MetricFacts {
  /**
   * @param image [3, H, W] R G B in [0, 1].
   * @throws ParameterError for another shape, too few pixels or values that are not finite.
   */
  compute(image: Tensor): number;
}

/** A quality measure of any kind, opened and ready to judge images. */
export interface ImageMetric extends MetricFacts {
  /** 2 where an image is compared with its reference, 1 where it is judged alone. */
  readonly images: 1 | 2;
  /**
   * @param test the image to judge, [3, H, W] R G B in [0, 1].
   * @param reference its target, of the same shape; not looked at where `images` is 1.
   * @throws ParameterError for another shape, too few pixels or values that are not finite; what
   * the engine throws.
   */
  measure(test: Tensor, reference?: Tensor): Promise<number>;
}

/** On what a metric is computed. */
export interface MetricSettings {
  readonly colourSpace?: ColourSpace;
  readonly border?: number;
}
