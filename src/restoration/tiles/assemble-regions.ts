import { type Tensor, tensor } from '../../tensor/tensor.js';
import { copyWindow } from '../../tensor/window.js';
import type { OnRegion } from '../pipeline.js';
import { blendTile, type Tile } from './tiling.js';

/** Rows that are handed on together. */
const ROWS_AT_ONCE = 256;

/** Takes finished rows [3, rows, W] of an image from the top to the bottom. */
export type OnRows = (rows: Tensor) => void | Promise<void>;

/**
 * Puts the regions of an image together and gives its rows away as soon as no later region can
 * change them, so that no more is held than one row of regions.
 */
export class RowWindow {
  readonly #width: number;
  readonly #onRows: OnRows;
  /** First rows of the regions to come. */
  readonly #starts: number[];
  readonly #rows: number;
  #planes: Float32Array | undefined;
  #top = 0;

  /**
   * @param regions all of the image, in the order in which they will come: top to bottom.
   * @param width of the image.
   */
  constructor(regions: readonly Tile[], width: number, onRows: OnRows) {
    this.#width = width;
    this.#onRows = onRows;
    this.#starts = regions.map(({ rows }) => rows.start);
    this.#rows = Math.max(...regions.map(({ rows }) => rows.length));
  }

  /** Adds the next region, [3, rows, columns]. */
  async add(region: Tile, image: Tensor): Promise<void> {
    this.#starts.shift();
    const next = this.#starts[0];
    const isAlone = this.#planes === undefined && region.columns.length === this.#width;
    if (isAlone && next === undefined) return this.#onRows(image);
    this.#planes ??= new Float32Array(3 * this.#rows * this.#width);
    const part = { top: this.#top, left: 0, height: this.#rows, width: this.#width };
    blendTile(image, this.#planes, part, region);
    const end = next ?? region.rows.start + region.rows.length;
    if (end > this.#top) await this.#give(this.#planes, end - this.#top);
  }

  /** Gives the first rows away, a few at a time, and makes their place free. */
  async #give(planes: Float32Array, rows: number): Promise<void> {
    const size = [3, this.#rows, this.#width] as const;
    const area = this.#rows * this.#width;
    for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, rows - row);
      const given = tensor([3, count, this.#width]);
      const band = { left: 0, top: row, width: this.#width, height: count };
      copyWindow(planes, size, band, given.data);
      await this.#onRows(given);
    }
    for (let channel = 0; channel < 3; channel += 1) {
      const plane = planes.subarray(channel * area, (channel + 1) * area);
      plane.copyWithin(0, rows * this.#width);
      plane.fill(0, area - rows * this.#width);
    }
    this.#top += rows;
  }
}

/** The pixels of a result in memory. */
export interface WholeResult {
  /** [3, H, W] in [0, 1]. */
  readonly image: Tensor;
  /** What the restoration network gave, x_IR, not clamped. */
  readonly restored: Tensor;
}

/** Puts the regions of a result of height x width pixels together. */
export function collectRegions(
  height: number,
  width: number,
): { readonly onRegion: OnRegion; result(): WholeResult } {
  const whole = { top: 0, left: 0, height, width };
  let made: WholeResult | undefined;
  return {
    onRegion: ({ region, image, restored }) => {
      if (region.rows.length === height && region.columns.length === width) {
        made = { image, restored };
        return;
      }
      made ??= { image: tensor([3, height, width]), restored: tensor([3, height, width]) };
      blendTile(image, made.image.data, whole, region);
      blendTile(restored, made.restored.data, whole, region);
    },
    result: () => made!,
  };
}
