import { type Tensor, tensor } from '../tensor/tensor.js';
import { layOut, type Span, type TileSettings } from './tile-layout.js';

/** A rectangle of a picture. */
export interface Tile {
  readonly index: number;
  readonly rows: Span;
  readonly columns: Span;
}

/** The tiles of a picture, row by row. */
export function tilesOf(height: number, width: number, settings: TileSettings): Tile[] {
  const columns = layOut(width, settings);
  return layOut(height, settings).flatMap((rows, row) =>
    columns.map((span, column) => ({ index: row * columns.length + column, rows, columns: span })),
  );
}

/**
 * The pixels of a tile as [1, C, rows, columns], each multiplied by `factor`.
 * @param planes C planes of height x width.
 */
export function cutTile(
  planes: Float32Array | Float64Array,
  [channels, height, width]: readonly [number, number, number],
  { rows, columns }: Tile,
  factor = 1,
): Tensor {
  const tile = tensor([1, channels, rows.length, columns.length]);
  let place = 0;
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < rows.length; y += 1) {
      const start = (channel * height + rows.start + y) * width + columns.start;
      for (let x = 0; x < columns.length; x += 1) tile.data[place++] = planes[start + x]! * factor;
    }
  return tile;
}

/**
 * Adds a computed tile to a picture, weighted so that all tiles together make the whole.
 * @param tile [1, C, rows scale, columns scale].
 * @param planes C planes of the enlarged picture, zero before the first tile.
 * @param width of the enlarged picture.
 */
export function blendTile(
  tile: Tensor,
  planes: Float32Array,
  width: number,
  { rows, columns }: Tile,
  scale: number,
): void {
  const [, channels, tall, wide] = tile.shape as [number, number, number, number];
  const plane = planes.length / channels;
  const down = enlarged(rows.weights, scale);
  const across = enlarged(columns.weights, scale);
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < tall; y += 1) {
      const weight = down[y]!;
      if (weight === 0) continue;
      const from = (channel * tall + y) * wide;
      const to = channel * plane + (rows.start * scale + y) * width + columns.start * scale;
      for (let x = 0; x < wide; x += 1)
        planes[to + x]! += tile.data[from + x]! * (weight * across[x]!);
    }
}

/** Linear between the centres of the small pixels, so that the weights still add up to 1. */
function enlarged(weights: Float32Array, scale: number): Float32Array {
  if (scale === 1) return weights;
  return Float32Array.from({ length: weights.length * scale }, (_, index) => {
    const place = (index + 0.5) / scale - 0.5;
    const below = Math.max(0, Math.floor(place));
    const above = Math.min(weights.length - 1, below + 1);
    const share = Math.min(1, Math.max(0, place - below));
    return weights[below]! * (1 - share) + weights[above]! * share;
  });
}

/** Floats that all tiles of a picture take, `perPixel` each. */
export function tiledSize(tiles: readonly Tile[], perPixel: number): number {
  return tiles.reduce((sum, { rows, columns }) => sum + perPixel * rows.length * columns.length, 0);
}
