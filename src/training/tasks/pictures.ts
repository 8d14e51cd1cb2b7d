import { type Tensor, tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';

/** The square of `size` pixels in the middle of a square picture [C, side, side]. */
export function centre(picture: Tensor, size: number): Tensor {
  const margin = (picture.shape[1]! - size) / 2;
  return cropped(picture, { left: margin, top: margin, width: size, height: size });
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
