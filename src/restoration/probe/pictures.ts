import { normalAt, uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';

const SEED = 1;
/** Mean and swing of red, green and blue: colours that no exchange of channels keeps. */
const colours = [
  [0.66, 0.24],
  [0.45, 0.2],
  [0.24, 0.16],
] as const;
const WAVES = 3;
/** Wavelengths in pixels of input: smooth for every network, yet no gradient. */
const LONGEST = 48;
const SHORTEST = 16;

/** A smooth picture as a function of place, so that it exists at every resolution. */
export type Scene = (channel: number, y: number, x: number) => number;

/** Waves of random directions, and one flat colour. */
export const scenes: readonly Scene[] = [
  (channel, y, x) => {
    const [mean, swing] = colours[channel]!;
    let sum = 0;
    for (let wave = 0; wave < WAVES; wave += 1) {
      const at = (channel * WAVES + wave) * 3;
      const draw = (index: number): number => uniformAt(SEED, 0, at + index);
      const angle = 2 * Math.PI * draw(0);
      const length = SHORTEST + (LONGEST - SHORTEST) * draw(1);
      const along = Math.cos(angle) * x + Math.sin(angle) * y;
      sum += Math.sin(2 * Math.PI * (along / length + draw(2)));
    }
    return mean + (swing * sum) / WAVES;
  },
  (channel) => colours[channel]![0],
];

/**
 * A scene as a picture [1, 3, height scale, width scale] in [0, 1].
 * @param scale pixels for one of the smallest picture; their centres divide it evenly.
 */
export function drawScene(scene: Scene, height: number, width: number, scale = 1): Tensor {
  const [tall, wide] = [height * scale, width * scale];
  const picture = tensor([1, 3, tall, wide]);
  let place = 0;
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < tall; y += 1)
      for (let x = 0; x < wide; x += 1)
        picture.data[place++] = scene(channel, (y + 0.5) / scale, (x + 0.5) / scale);
  return picture;
}

/** A picture with white noise of standard deviation `sigma`. */
export function withNoise(picture: Tensor, sigma: number): Tensor {
  return tensor(
    picture.shape,
    picture.data.map((value, index) => value + sigma * normalAt(SEED, 1, index)),
  );
}

/** Root mean square and largest difference of two pictures, a quarter of each side left out. */
export function compareInside(a: Tensor, b: Tensor): { rms: number; largest: number } {
  const [, , height, width] = a.shape as [number, number, number, number];
  const [top, left] = [Math.floor(height / 4), Math.floor(width / 4)];
  let squares = 0;
  let largest = 0;
  let count = 0;
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = top; y < height - top; y += 1)
      for (let x = left; x < width - left; x += 1) {
        const place = (channel * height + y) * width + x;
        const difference = Math.abs(a.data[place]! - b.data[place]!);
        squares += difference ** 2;
        largest = Math.max(largest, difference);
        count += 1;
      }
  // A comparison with NaN is false, so that the largest difference alone would miss it.
  return Number.isFinite(squares)
    ? { rms: Math.sqrt(squares / count), largest }
    : { rms: Number.POSITIVE_INFINITY, largest: Number.POSITIVE_INFINITY };
}
