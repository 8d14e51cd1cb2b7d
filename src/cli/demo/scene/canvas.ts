import { type Tensor, tensor } from '../../../tensor/tensor.js';
import { type Light, toSrgb } from './colour.js';

/** A rectangle of the scene; the scene is `sceneSize` units wide and high, y pointing down. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The light at a point of the scene; undefined where the shape leaves what is behind it. */
export type Shader = (x: number, y: number) => Light | undefined;

/** Units along each side of the scene; at 512 pixels a unit is a pixel. */
export const sceneSize = 512;

const samplesPerSide = 4;

/**
 * A square image under construction, held as 4 x 4 samples of light per pixel. Shapes have hard
 * edges and textures any detail; averaging the samples is what makes the image band-limited.
 */
export class Canvas {
  readonly #size: number;
  readonly #samples: number;
  readonly #unit: number;
  readonly #light: Float32Array;

  /** @param size pixels along each side. */
  constructor(size: number) {
    this.#size = size;
    this.#samples = size * samplesPerSide;
    this.#unit = sceneSize / this.#samples;
    this.#light = new Float32Array(3 * this.#samples ** 2);
  }

  /**
   * Paints a shape over what is there, wherever `shader` answers within `box`.
   * @param coarseness samples along each side of the squares that share one answer, up to 4 (a
   * pixel): spares work where the shape has soft detail and no visible edges.
   */
  paint(box: Box, shader: Shader, coarseness = 1): void {
    const unit = this.#unit;
    const [left, right] = this.#range(box.left, box.right, coarseness);
    const [top, bottom] = this.#range(box.top, box.bottom, coarseness);
    for (let row = top; row < bottom; row += coarseness)
      for (let column = left; column < right; column += coarseness) {
        const colour = shader((column + coarseness / 2) * unit, (row + coarseness / 2) * unit);
        if (colour !== undefined) this.#fill(column, row, coarseness, colour);
      }
  }

  /** What has been painted at a point; the nearest edge for one outside. */
  at(x: number, y: number): Light {
    const last = this.#samples - 1;
    const column = Math.min(last, Math.max(0, Math.floor(x / this.#unit)));
    const row = Math.min(last, Math.max(0, Math.floor(y / this.#unit)));
    const index = 3 * (row * this.#samples + column);
    return [this.#light[index]!, this.#light[index + 1]!, this.#light[index + 2]!];
  }

  /** The image: [3, size, size] sRGB in [0, 1]. */
  toImage(): Tensor {
    const size = this.#size;
    const image = tensor([3, size, size]);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let channel = 0; channel < 3; channel++)
          image.data[(channel * size + y) * size + x] = toSrgb(this.#mean(channel, x, y));
    return image;
  }

  #mean(channel: number, x: number, y: number): number {
    let sum = 0;
    for (let row = y * samplesPerSide; row < (y + 1) * samplesPerSide; row++)
      for (let column = x * samplesPerSide; column < (x + 1) * samplesPerSide; column++)
        sum += this.#light[3 * (row * this.#samples + column) + channel]!;
    return sum / samplesPerSide ** 2;
  }

  #fill(column: number, row: number, extent: number, colour: Light): void {
    for (let y = row; y < row + extent; y++)
      for (let x = column; x < column + extent; x++) {
        const index = 3 * (y * this.#samples + x);
        this.#light[index] = colour[0];
        this.#light[index + 1] = colour[1];
        this.#light[index + 2] = colour[2];
      }
  }

  /** The samples that cover an interval, in whole squares of `step`. */
  #range(from: number, to: number, step: number): readonly [number, number] {
    return [
      Math.max(0, Math.floor(from / this.#unit / step) * step),
      Math.min(this.#samples, Math.ceil(to / this.#unit / step) * step),
    ];
  }
}
