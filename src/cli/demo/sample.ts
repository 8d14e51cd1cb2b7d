import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { paintBalloon } from './scene/balloon.js';
import { Canvas } from './scene/canvas.js';
import { paintCloth } from './scene/cloth.js';
import { paintHouse } from './scene/house.js';
import { paintFirs, paintLake, paintMountains, paintSky } from './scene/landscape.js';
import { paintMeadow } from './scene/meadow.js';
import { paintSign } from './scene/sign.js';
import { paintTree } from './scene/tree.js';

/**
 * Renders a lakeside scene in which every kind of detail that super-resolution is judged by has its
 * place: print down to illegible, converging lines, rings of rising frequency, bricks, weave,
 * leaves, grass, coloured edges, and the smooth gradients of a sky. The same image every time.
 *
 * @param size pixels along each side, 16 to 4096.
 * @returns [3, size, size] sRGB in [0, 1], rounded to 8 bits.
 * @throws ParameterError for another size.
 */
export function renderSample(size = 512): Tensor {
  if (!Number.isInteger(size) || size < 16 || size > 4096)
    throw new ParameterError('size', 'an integer from 16 to 4096', size);
  const canvas = new Canvas(size);
  paintSky(canvas);
  paintMountains(canvas);
  paintFirs(canvas);
  paintLake(canvas);
  paintBalloon(canvas, [318, 82], 52);
  paintMeadow(canvas);
  paintHouse(canvas);
  paintTree(canvas, [96, 356], 300);
  paintSign(canvas);
  paintCloth(canvas);
  return rounded(canvas.toImage());
}

/**
 * The low-resolution image of a target: MATLAB-style bicubic reduction by 4, rounded to 8 bits.
 * @param target [3, H, W] in [0, 1] whose sides are multiples of 4.
 * @returns [3, H / 4, W / 4] in [0, 1].
 * @throws ParameterError where a side is no multiple of 4.
 */
export function reduceByFour(target: Tensor): Tensor {
  const [, height, width] = target.shape as [number, number, number];
  if (height % 4 !== 0 || width % 4 !== 0)
    throw new ParameterError('target', 'sides that are multiples of 4', target.shape);
  return rounded(resizeBicubic(target, { scale: 0.25 }));
}

/** An image with the values that an 8-bit file can hold: clamped and rounded half up. */
export function rounded({ shape, data }: Tensor): Tensor {
  return tensor(
    shape,
    data.map((value) => Math.floor(Math.min(1, Math.max(0, value)) * 255 + 0.5) / 255),
  );
}
