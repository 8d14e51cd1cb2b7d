import { type Tensor, tensor } from '../../tensor/tensor.js';

/** The square of `size` pixels in the middle of a square picture [C, side, side]. */
export function centre(picture: Tensor, size: number): Tensor {
  const [channels, side] = picture.shape as [number, number, number];
  if (side === size) return picture;
  const margin = (side - size) / 2;
  const result = tensor([channels, size, size]);
  for (let plane = 0; plane < channels; plane += 1)
    for (let y = 0; y < size; y += 1) {
      const start = (plane * side + y + margin) * side + margin;
      const row = picture.data.subarray(start, start + size);
      result.data.set(row, (plane * size + y) * size);
    }
  return result;
}

/** A picture limited to [0, 1] and rounded to 8 bits, as files hold it. */
export function inBytes({ shape, data }: Tensor): Tensor {
  return tensor(
    shape,
    data.map((value) => Math.round(Math.min(1, Math.max(0, value)) * 255) / 255),
  );
}

/** Tensors of one shape as a batch. */
export function stack(parts: readonly Tensor[]): Tensor {
  const { shape, data } = parts[0]!;
  const result = tensor([parts.length, ...shape]);
  for (const [index, part] of parts.entries()) result.data.set(part.data, index * data.length);
  return result;
}
