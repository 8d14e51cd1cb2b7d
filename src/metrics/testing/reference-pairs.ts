import { type Tensor, tensor } from '../../tensor/tensor.js';
import { deadLeaves, withNoise } from './dead-leaves.js';

/** A target and a version of it, both of 8 bits, that programs of others have judged. */
interface ReferencePair {
  readonly name: string;
  readonly target: Tensor;
  readonly result: Tensor;
}

/** Pairs of even and odd sizes: with noise, blurred, and of other colours and partly saturated. */
export function referencePairs(): ReferencePair[] {
  const [small, odd, large] = [
    deadLeaves(31, 80, 96),
    deadLeaves(32, 75, 97),
    deadLeaves(33, 192, 256),
  ];
  return [
    { name: 'noise 96x80', target: small, result: withNoise(small, 0.05, 7) },
    { name: 'blur 96x80', target: small, result: blurred(small) },
    { name: 'colour 97x75', target: odd, result: recoloured(odd) },
    { name: 'blur 97x75', target: odd, result: blurred(odd) },
    { name: 'noise 256x192', target: large, result: withNoise(large, 0.03, 8) },
    { name: 'blur 256x192', target: large, result: blurred(large) },
  ];
}

/** Means over 3 x 3 pixels, edge pixels repeated. */
export function blurred(image: Tensor): Tensor {
  const [channels, height, width] = image.shape as [number, number, number];
  const result = tensor(image.shape);
  const inside = (position: number, length: number) => Math.min(length - 1, Math.max(0, position));
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        let sum = 0;
        for (const down of [-1, 0, 1])
          for (const across of [-1, 0, 1]) {
            const line = channel * height + inside(row + down, height);
            sum += Math.round(255 * image.data[line * width + inside(column + across, width)]!);
          }
        result.data[(channel * height + row) * width + column] = Math.round(sum / 9) / 255;
      }
  return result;
}

/** Red stronger, up to saturation, green as it is, blue weaker. */
function recoloured({ shape, data }: Tensor): Tensor {
  const pixels = data.length / 3;
  return tensor(
    shape,
    data.map((value, index) => {
      const byte = Math.round(255 * value);
      const changed = [1.5 * byte, byte, 0.75 * byte + 8][Math.floor(index / pixels)]!;
      return Math.min(255, Math.round(changed)) / 255;
    }),
  );
}
