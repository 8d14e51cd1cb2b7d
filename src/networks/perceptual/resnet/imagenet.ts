import { type Value, constant, mul, sub } from '../../../graph/index.js';
import { tensor } from '../../../tensor/tensor.js';

const MEANS = [0.485, 0.456, 0.406];
const DEVIATIONS = [0.229, 0.224, 0.225];

/** RGB pictures [N, 3, H, W] in [0, 1], less ImageNet's means and over its deviations. */
export function normalizedForImagenet(pictures: Value): Value {
  const perChannel = (values: readonly number[]): Value => constant(tensor([1, 3, 1, 1], values));
  const inverse = DEVIATIONS.map((deviation) => 1 / deviation);
  return mul(sub(pictures, perChannel(MEANS)), perChannel(inverse));
}
