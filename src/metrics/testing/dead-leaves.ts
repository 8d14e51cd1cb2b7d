import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';

/**
 * An image of discs that cover one another, their radii distributed as r^-3: edges, scales and
 * flat parts as in photographs. Values are multiples of 1/255.
 */
export function deadLeaves(seed: number, height: number, width: number): Tensor {
  const [tall, wide] = [2 * height, 2 * width];
  const fine = new Float64Array(3 * tall * wide).fill(0.5);
  const discs = Math.ceil((tall * wide) / 60);
  for (let disc = 0; disc < discs; disc++) {
    const random = (position: number) => uniformAt(seed, disc, position);
    const radius = 3 / Math.sqrt(1 - random(0) * (1 - (3 / 80) ** 2));
    const [y, x] = [random(1) * tall, random(2) * wide];
    const colour = [3, 4, 5].map(
      (position) => 0.1 + 0.8 * (0.7 * random(6) + 0.3 * random(position)),
    );
    for (let row = Math.max(0, Math.ceil(y - radius)); row < Math.min(tall, y + radius); row++) {
      const half = Math.sqrt(Math.max(0, radius ** 2 - (row - y) ** 2));
      const from = Math.max(0, Math.ceil(x - half));
      const to = Math.min(wide, Math.floor(x + half) + 1);
      if (from < to)
        colour.forEach((value, channel) => {
          const line = (channel * tall + row) * wide;
          fine.fill(value, line + from, line + to);
        });
    }
  }
  const result = tensor([3, height, width]);
  for (let line = 0; line < 3 * height; line++)
    for (let column = 0; column < width; column++) {
      const from = 2 * line * wide + 2 * column;
      const sum = fine[from]! + fine[from + 1]! + fine[from + wide]! + fine[from + wide + 1]!;
      const grain = (uniformAt(seed + 1, line, column) - 0.5) * 0.02;
      result.data[line * width + column] = Math.round(255 * (sum / 4 + grain)) / 255;
    }
  return result;
}

/** An image with independent noise, as an 8-bit file holds it. */
export function withNoise({ shape, data }: Tensor, deviation: number, seed: number): Tensor {
  const noisy = data.map((value, index) => {
    const noise = (uniformAt(seed, 1, index) - 0.5) * Math.sqrt(12) * deviation;
    return Math.round(255 * Math.min(1, Math.max(0, value + noise))) / 255;
  });
  return tensor(shape, noisy);
}
