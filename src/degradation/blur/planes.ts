import type { Tensor } from '../../tensor/tensor.js';
import type { Transfer } from '../light/transfer.js';

/** Planes with a border around them, so that what moves in finds something there. */
export interface Planes {
  readonly data: Float32Array;
  readonly count: number;
  /** Size without the border. */
  readonly height: number;
  readonly width: number;
  readonly border: number;
  /** Elements from one row to the next, and from one plane to the next. */
  readonly stride: number;
  readonly area: number;
}

/** Empty planes. */
export function emptyPlanes(count: number, height: number, width: number, border: number): Planes {
  const stride = width + 2 * border;
  const area = stride * (height + 2 * border);
  const data = new Float32Array(count * area);
  return { data, count, height, width, border, stride, area };
}

/** The light of a picture [C, H, W], mirrored at its edges with the edge pixel repeated. */
export function lightPlanes(picture: Tensor, border: number, transfer: Transfer): Planes {
  const [count = 0, height = 0, width = 0] = picture.shape;
  const planes = emptyPlanes(count, height, width, border);
  const { data, stride, area } = planes;
  for (let plane = 0; plane < count; plane++) {
    for (let y = 0; y < height; y++) {
      const row = plane * area + (y + border) * stride;
      const from = (plane * height + y) * width;
      transfer.decode(picture.data, from, width, data, row + border);
      for (let x = 1; x <= border; x++) {
        data[row + border - x] = data[row + border + mirrored(-x, width)]!;
        data[row + border + width - 1 + x] = data[row + border + mirrored(width - 1 + x, width)]!;
      }
    }
    const rowAt = (y: number) => plane * area + (y + border) * stride;
    for (let y = 1; y <= border; y++) {
      const above = rowAt(mirrored(-y, height));
      data.copyWithin(rowAt(-y), above, above + stride);
      const below = rowAt(mirrored(height - 1 + y, height));
      data.copyWithin(rowAt(height - 1 + y), below, below + stride);
    }
  }
  return planes;
}

/** The pixel in [0, length) that shows in a row of mirrors at `place`. */
export function mirrored(place: number, length: number): number {
  const period = 2 * length;
  const folded = ((place % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}
