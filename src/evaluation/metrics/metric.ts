import type { Tensor } from '../../tensor/tensor.js';

/** What a full-reference metric compares: the three channels, or MATLAB's luma. */
export type ColourSpace = 'rgb' | 'luma';

/** A full-reference quality measure together with everything that its figures depend on. */
export interface Metric {
  readonly name: string;
  /** Which way is better. */
  readonly direction: 'higher' | 'lower';
  /** Least and greatest value. */
  readonly range: readonly [number, number];
  /** `dB`, or empty for a pure number. */
  readonly unit: string;
  readonly colourSpace: ColourSpace;
  /** Pixels left out along every edge. */
  readonly border: number;
  /** Changes whenever the same pictures would give another figure. */
  readonly version: string;
  /**
   * @param reference the target, [3, H, W] R G B in [0, 1].
   * @param test the picture to judge, of the same shape.
   * @throws ParameterError for other shapes, too few pixels or values that are not finite.
   */
  compute(reference: Tensor, test: Tensor): number;
}

/** On what a metric is computed. */
export interface MetricSettings {
  readonly colourSpace?: ColourSpace;
  readonly border?: number;
}
