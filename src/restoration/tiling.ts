import { type Tensor, tensor } from '../tensor/tensor.js';
import { layOut, type Span, type TileSettings } from './tile-layout.js';

/** A rectangle of a picture. */
export interface Tile {
  readonly index: number;
  readonly rows: Span;
  readonly columns: Span;
}

/**
 * The tiles of a picture, row by row.
 * @param scale how much larger the network's output is.
 */
export function tilesOf(
  height: number,
  width: number,
  settings: TileSettings,
  scale = 1,
): readonly Tile[] {
  const columns = layOut(width, settings, scale);
  return layOut(height, settings, scale).flatMap((rows, row) =>
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
 * @param planes C planes of the picture, zero before the first tile.
 * @param width of the picture.
 */
export function blendTile(
  tile: Tensor,
  planes: Float32Array,
  width: number,
  { rows, columns }: Tile,
): void {
  const [, channels, tall, wide] = tile.shape as [number, number, number, number];
  const plane = planes.length / channels;
  const scale = tall / rows.length;
  const [top, left] = [rows.start * scale, columns.start * scale];
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < tall; y += 1) {
      const weight = rows.weights[y]!;
      if (weight === 0) continue;
      const from = (channel * tall + y) * wide;
      const to = channel * plane + (top + y) * width + left;
      for (let x = 0; x < wide; x += 1)
        planes[to + x]! += tile.data[from + x]! * (weight * columns.weights[x]!);
    }
}
