import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';

/** Pixels between the knots of the finest noise; each coarser one has twice as many. */
const FINEST = 8;
const OCTAVES = 5;
/** Blue varies less than green, and that less than red. */
const GAINS = [1, 0.8, 0.6];

/** A picture [3, height, width] in [0, 1] of detail of many sizes, another one for each seed. */
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
