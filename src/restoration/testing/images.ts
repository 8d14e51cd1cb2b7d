import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';

/** An image [3, height, width] of waves in [0, 1], another one for each phase. */
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

/** The largest absolute difference of two images' values. */
export function largestDifference(a: Tensor, b: Tensor): number {
  if (a.shape.join() !== b.shape.join()) return Number.NaN;
  let largest = 0;
  for (let place = 0; place < a.data.length; place += 1)
    largest = Math.max(largest, Math.abs(a.data[place]! - b.data[place]!));
  return largest;
}

/** Pixels between the knots of the finest noise; each coarser one has twice as many. */
const FINEST = 8;
const OCTAVES = 5;
/** Blue varies less than green, and that less than red. */
const GAINS = [1, 0.8, 0.6];

/** An image [3, height, width] in [0, 1] of detail of many sizes, another one for each seed. */
export function scene(height: number, width: number, seed: number): Tensor {
  const area = height * width;
  const data = new Float32Array(3 * area).fill(0.5);
  for (let octave = 0; octave < OCTAVES; octave += 1) {
    const cell = FINEST * 2 ** octave;
    const across = Math.ceil(width / cell) + 1;
    const knots = Float32Array.from({ length: across * (Math.ceil(height / cell) + 1) }, (_, at) =>
      uniformAt(seed, octave, at) < 0.5 ? -0.1 : 0.1,
    );
    for (let y = 0; y < height; y += 1) {
      const [top, down] = [Math.floor(y / cell), (y % cell) / cell];
      for (let x = 0; x < width; x += 1) {
        const at = top * across + Math.floor(x / cell);
        const right = (x % cell) / cell;
        const upper = knots[at]! * (1 - right) + knots[at + 1]! * right;
        const lower = knots[at + across]! * (1 - right) + knots[at + across + 1]! * right;
        const value = upper * (1 - down) + lower * down;
        for (let colour = 0; colour < 3; colour += 1)
          data[colour * area + y * width + x]! += value * GAINS[colour]!;
      }
    }
  }
  return tensor([3, height, width], data);
}
