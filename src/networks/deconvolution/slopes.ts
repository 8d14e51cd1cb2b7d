import { type Value, constant, conv2d, mul, reshape } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import type { Fourier } from './fourier.js';

/** Large and the same for all pictures of one size. */
const masks = new WeakMap<Fourier, Value>();

/**
 * Differences of pictures [N, H, W] to the next pixel on the right and to the next below,
 * [N, 2, H, W]; 0 where there is none.
 */
export function slopes(fourier: Fourier, x: Value): Value {
  const { height, width } = fourier;
  const [batch] = x.shape as [number];
  const picture = reshape(x, [batch, 1, height, width]);
  const weights = constant(tensor([2, 1, 2, 2], [-1, 1, 0, 0, -1, 0, 1, 0]));
  const differences = conv2d(picture, weights, undefined, { padding: [0, 0, 1, 1] });
  const known = masks.get(fourier) ?? inside(height, width);
  masks.set(fourier, known);
  return mul(differences, known);
}

/** The transpose of `slopes`: [N, 2, H, W] to [N, H, W]; values where there is no pixel must be 0. */
export function gathered(x: Value): Value {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const weights = constant(tensor([1, 2, 2, 2], [0, 0, 1, -1, 0, 1, 0, -1]));
  return reshape(conv2d(x, weights, undefined, { padding: [1, 1, 0, 0] }), [batch, height, width]);
}

function inside(height: number, width: number): Value {
  const mask = tensor([1, 2, height, width]);
  mask.data.fill(1);
  for (let row = 0; row < height; row++) mask.data[(row + 1) * width - 1] = 0;
  mask.data.fill(0, (2 * height - 1) * width);
  return constant(mask);
}
