import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Rectangle } from '../../tensor/window.js';

/** A rectangle of an image [C, H, W] enlarged by repeating every pixel `scale` times each way. */
export function enlargeNearest(image: Tensor, scale: number, place: Rectangle): Tensor {
  const [channels, height, width] = image.shape as [number, number, number];
  const result = tensor([channels, place.height, place.width]);
  let to = 0;
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < place.height; y += 1) {
      const row = Math.min(height - 1, Math.floor((place.top + y) / scale));
      for (let x = 0; x < place.width; x += 1) {
        const column = Math.min(width - 1, Math.floor((place.left + x) / scale));
        result.data[to++] = image.data[(channel * height + row) * width + column]!;
      }
    }
  return result;
}
