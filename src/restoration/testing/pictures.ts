import { type Tensor, tensor } from '../../tensor/tensor.js';

/** A picture [3, height, width] of waves in [0, 1], another one for each phase. */
export function waves(height: number, width: number, phase = 0): Tensor {
  const data = new Float32Array(3 * height * width);
  for (let place = 0; place < data.length; place += 1) {
    const x = place % width;
    const y = Math.floor(place / width);
    data[place] =
      0.5 + 0.25 * Math.sin(0.7 * x + 0.05 * y + phase) + 0.2 * Math.cos(0.9 * y + phase);
  }
  return tensor([3, height, width], data);
}

/** The largest absolute difference of two pictures' values. */
export function largestDifference(a: Tensor, b: Tensor): number {
  if (a.shape.join() !== b.shape.join()) return Number.NaN;
  let largest = 0;
  for (let place = 0; place < a.data.length; place += 1)
    largest = Math.max(largest, Math.abs(a.data[place]! - b.data[place]!));
  return largest;
}
