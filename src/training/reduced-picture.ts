import { resizeBicubic } from '../degradation/bicubic.js';
import type { Rgb8 } from '../image/decode.js';
import { tensor } from '../tensor/tensor.js';

/** A picture reduced by a whole factor with antialiased bicubic interpolation, in 8 bits again. */
export function reducedPicture(picture: Rgb8, factor: number): Rgb8 {
  if (factor === 1) return picture;
  const { width, height, data } = picture;
  const pixels = width * height;
  const planes = new Float32Array(data.length);
  for (let pixel = 0; pixel < pixels; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      planes[channel * pixels + pixel] = data[pixel * 3 + channel]!;
  const small = resizeBicubic(tensor([3, height, width], planes), { scale: 1 / factor });
  const [, rows, columns] = small.shape as [number, number, number];
  const result = new Uint8Array(3 * rows * columns);
  for (let pixel = 0; pixel < rows * columns; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      result[pixel * 3 + channel] = Math.min(
        255,
        Math.max(0, Math.round(small.data[channel * rows * columns + pixel]!)),
      );
  return { width: columns, height: rows, data: result };
}
