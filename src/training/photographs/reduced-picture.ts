import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import type { Rgb8 } from '../../images/decode.js';
import { tensor } from '../../tensor/tensor.js';
import { copyWindow, type Rectangle } from '../../tensor/window.js';

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

/** A picture whose parts are made when they are asked for. */
export interface PictureOutline {
  readonly width: number;
  readonly height: number;
  /** The square of `size` pixels whose first pixel is at `left` and `top`. */
  part(left: number, top: number, size: number): PicturePart;
}

/** A picture that holds a part, which begins at `left` and `top` of it. */
export interface PicturePart {
  readonly picture: Rgb8;
  readonly left: number;
  readonly top: number;
}

/** A picture of which all parts are at hand. */
export function wholeOutline(picture: Rgb8): PictureOutline {
  const { width, height } = picture;
  return { width, height, part: (left, top) => ({ picture, left, top }) };
}

/** Reduced pixels around a part that the kernel, of two such pixels to each side, may reach. */
const MARGIN = 3;

/**
 * Whether a part reduced alone has the very pixels of the whole: where a reduced pixel's place is
 * an exact number, the kernel's weights are the same wherever the part begins.
 */
export function reducesInParts(factor: number): boolean {
  return Number.isInteger(Math.log2(factor));
}

/** `reducedPicture`, of which only the parts asked for are made. */
export function reducedOutline(picture: Rgb8, factor: number): PictureOutline {
  if (factor === 1) return wholeOutline(picture);
  const width = Math.ceil(picture.width / factor);
  const height = Math.ceil(picture.height / factor);
  return {
    width,
    height,
    part: (left, top, size) => {
      const [x, y] = [left, top].map((place) => Math.max(0, place - MARGIN)) as [number, number];
      const [fromLeft, fromTop] = [x * factor, y * factor];
      const around = cut(picture, {
        left: fromLeft,
        top: fromTop,
        width: Math.min(picture.width, (left + size + MARGIN) * factor) - fromLeft,
        height: Math.min(picture.height, (top + size + MARGIN) * factor) - fromTop,
      });
      return { picture: reducedPicture(around, factor), left: left - x, top: top - y };
    },
  };
}

function cut({ width, height, data }: Rgb8, part: Rectangle): Rgb8 {
  const samples = { ...part, left: 3 * part.left, width: 3 * part.width };
  const into = new Uint8Array(samples.width * part.height);
  copyWindow(data, [1, height, 3 * width], samples, into);
  return { width: part.width, height: part.height, data: into };
}
