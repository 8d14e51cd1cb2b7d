import { type SamplePadding, type Value, add, constant, gridSample, mul, scalar, sub, transpose } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';

/**
 * Pictures [N, C, H, W] read where a flow [N, 2, H, W] points: across and down, in pixels, from
 * each place.
 */
export function warp(x: Value, flow: Value, padding: SamplePadding): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  const last = [width, height].map((extent) => Math.max(extent - 1, 1));
  const span = constant(
    tensor(
      [2],
      last.map((extent) => 2 / extent),
    ),
  );
  const moved = add(transpose(flow, [0, 2, 3, 1]), places(height, width));
  const grid = sub(mul(moved, span), scalar(1));
  return gridSample(x, grid, { padding, alignCorners: true });
}

/** Column and row of every pixel, [H, W, 2]. */
function places(height: number, width: number): Value {
  const data = new Float32Array(height * width * 2);
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1)
      data.set([column, row], 2 * (row * width + column));
  return constant(tensor([height, width, 2], data));
}
