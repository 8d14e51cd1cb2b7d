import type { Tensor } from '../tensor/tensor.js';
import type { Place } from './place.js';

/** What makes a bad picture out of a good one. */
export interface Degradation {
  /** For people. */
  readonly name: string;
  /** Input pixels per output pixel along each axis, 1 for blur; not always whole. */
  readonly scale: number;
  /**
   * Pixels of the picture around a crop that may influence it: cropped with this margin, degraded
   * and cut, it is as good as cut from the degraded picture.
   */
  readonly margin: number;
  /**
   * Degrades a picture; the result depends on picture, seed and index alone.
   *
   * @param picture [3, H, W] sRGB in [0, 1]; it is not changed, but may be returned.
   * @returns [3, H / scale, W / scale], sides rounded up.
   * @throws ParameterError for another shape or a place out of range.
   */
  apply(picture: Tensor, place: Place): Tensor;
}
