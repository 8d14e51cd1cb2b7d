import { type Tensor, tensor } from '../tensor/tensor.js';
import { copyWindow, type PlaneSize, type Rectangle, windowRows } from '../tensor/window.js';
import { layOut, type Span, type TileSettings } from './tile-layout.js';

/** A rectangle of a picture. */
export interface Tile {
  readonly index: number;
  readonly rows: Span;
  readonly columns: Span;
}

/** How pictures are cut along both sides, where it is not the same. */
export interface SideSettings {
  readonly rows: TileSettings;
  readonly columns: TileSettings;
}

/**
 * The tiles of a picture, row by row.
 * @param scale how much larger the network's output is.
 */
export function tilesOf(
  height: number,
  width: number,
  settings: TileSettings | SideSettings,
  scale = 1,
): readonly Tile[] {
  const sides = 'rows' in settings ? settings : { rows: settings, columns: settings };
  const columns = layOut(width, sides.columns, scale);
  return layOut(height, sides.rows, scale).flatMap((rows, row) =>
    columns.map((span, column) => ({ index: row * columns.length + column, rows, columns: span })),
  );
}

/** The pixels of a tile as [1, C, rows, columns], out of C planes of height x width. */
export function cutTile(planes: Float32Array, size: PlaneSize, tile: Tile): Tensor {
  const cut = tensor([1, size[0], tile.rows.length, tile.columns.length]);
  copyWindow(planes, size, rectangleOf(tile), cut.data);
  return cut;
}

/** As `cutTile`, each pixel multiplied by `factor` before it is rounded to single precision. */
export function cutScaledTile(
  planes: Float64Array,
  size: PlaneSize,
  tile: Tile,
  factor: number,
): Tensor {
  const { length } = tile.columns;
  const cut = tensor([1, size[0], tile.rows.length, length]);
  let place = 0;
  for (const start of windowRows(size, rectangleOf(tile)))
    for (let x = 0; x < length; x += 1) cut.data[place++] = planes[start + x]! * factor;
  return cut;
}

/**
 * Adds a computed tile to a part of a picture, weighted so that all tiles together make the whole.
 * @param tile [1, C, rows scale, columns scale], or without the first extent.
 * @param planes C planes of the part, zero before the first tile.
 * @param part where in the picture it lies.
 */
export function blendTile(
  tile: Tensor,
  planes: Float32Array,
  part: Rectangle,
  { rows, columns }: Tile,
): void {
  const [channels, tall, wide] = tile.shape.slice(-3) as [number, number, number];
  const scale = tall / rows.length;
  const [top, left] = [rows.start * scale - part.top, columns.start * scale - part.left];
  const [firstRow, endRow] = [Math.max(0, -top), Math.min(tall, part.height - top)];
  const [first, end] = [Math.max(0, -left), Math.min(wide, part.width - left)];
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = firstRow; y < endRow; y += 1) {
      const weight = rows.weights[y]!;
      if (weight === 0) continue;
      const from = (channel * tall + y) * wide;
      const to = (channel * part.height + top + y) * part.width + left;
      for (let x = first; x < end; x += 1)
        planes[to + x]! += tile.data[from + x]! * (weight * columns.weights[x]!);
    }
}

/** Whether a tile, its pixels enlarged by `scale`, has a weight somewhere in a part of the picture. */
export function touches({ rows, columns }: Tile, part: Rectangle, scale: number): boolean {
  return (
    spanTouches(rows, part.top, part.height, scale) &&
    spanTouches(columns, part.left, part.width, scale)
  );
}

function spanTouches({ start, weights }: Span, first: number, extent: number, scale: number) {
  const offset = start * scale;
  const end = Math.min(weights.length, first + extent - offset);
  for (let place = Math.max(0, first - offset); place < end; place += 1)
    if (weights[place]! > 0) return true;
  return false;
}

/** The rectangle of a tile. */
export function rectangleOf({ rows, columns }: Tile): Rectangle {
  return { top: rows.start, left: columns.start, height: rows.length, width: columns.length };
}
