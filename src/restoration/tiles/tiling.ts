import { type Tensor, tensor } from '../../tensor/tensor.js';
import { copyWindow, type PlaneSize, type Rectangle, windowRows } from '../../tensor/window.js';
import { ParameterError } from '../../utils/errors.js';

/** How images are cut along each side, in pixels of the network's input. */
export interface TileSettings {
  /** Largest extent of a tile. */
  readonly size: number;
  /** Pixels next to a cut that are computed and thrown away. */
  readonly margin: number;
  /** Pixels over which neighbouring tiles are blended, at least; 0 for a cut. */
  readonly ramp: number;
  /** Cuts lie at multiples of this. */
  readonly multiple: number;
  /** Every tile of an image that is cut has the largest extent, not all an even one. */
  readonly sameSize?: boolean;
}

/** One tile's place along one side, with a weight for each of its pixels. */
export interface Span {
  readonly start: number;
  readonly length: number;
  /**
   * Blending weights of the pixels that the network makes of the span, `scale` for each of its
   * own. They add up to 1 over all spans at every pixel, and are 0 or 1 where there is no ramp.
   */
  readonly weights: Float32Array;
}

/**
 * Even overlapping spans over `extent` pixels: a function of the extent and the settings alone.
 * All have one length but for the last, which is shorter where the extent is no multiple.
 * @param scale pixels that the network makes of one.
 * @throws ParameterError where margins and ramp leave nothing of a tile.
 */
export function layOut(extent: number, settings: TileSettings, scale = 1): Span[] {
  if (extent <= settings.size) return [{ start: 0, length: extent, weights: ones(extent * scale) }];
  const least = leastSize(settings);
  if (settings.size < least)
    throw new ParameterError('tile', `at least ${least} pixels for these modules`, settings.size);
  const { size, margin, ramp, multiple } = wholeMultiples(settings);
  const overlap = 2 * margin + ramp;
  const sameSize = settings.sameSize === true;
  let count = Math.max(2, Math.ceil((extent - overlap) / (size - overlap)));
  const even = Math.ceil((extent + overlap * (count - 1)) / count / multiple) * multiple;
  let length = sameSize ? size : even;
  let starts = startsOf(extent, length, count, multiple);
  while (longestStep(starts) > length - overlap) {
    if (sameSize) count += 1;
    else length += multiple;
    starts = startsOf(extent, length, count, multiple);
  }
  const spans = starts.map((start, index) => {
    const own = Math.min(length, extent - start);
    const weights = ones(own * scale);
    const before = starts[index - 1];
    const after = starts[index + 1];
    for (let place = 0; place < weights.length; place += 1) {
      const centre = start + (place + 0.5) / scale;
      if (before !== undefined)
        weights[place]! *= rising(centre, start + margin, before + length - margin, ramp);
      if (after !== undefined)
        weights[place]! *= 1 - rising(centre, after + margin, start + length - margin, ramp);
    }
    return { start, length: own, weights };
  });
  normalise(spans, extent, scale);
  return spans;
}

/** The smallest `size` that leaves something of a tile besides margins and ramp. */
export function leastSize(settings: TileSettings): number {
  const { margin, ramp, multiple } = wholeMultiples(settings);
  return 2 * margin + ramp + multiple;
}

function wholeMultiples({ size, margin, ramp, multiple }: TileSettings): TileSettings {
  const up = (pixels: number): number => Math.ceil(pixels / multiple) * multiple;
  return {
    size: Math.floor(size / multiple) * multiple,
    margin: up(margin),
    ramp: up(ramp),
    multiple,
  };
}

function startsOf(extent: number, length: number, count: number, multiple: number): number[] {
  const last = Math.ceil((extent - length) / multiple);
  return Array.from(
    { length: count },
    (_, index) => Math.round((last * index) / (count - 1)) * multiple,
  );
}

function longestStep(starts: readonly number[]): number {
  return Math.max(...starts.slice(1).map((start, index) => start - starts[index]!));
}

function ones(length: number): Float32Array {
  return new Float32Array(length).fill(1);
}

/** Where more than two spans overlap, their slopes alone do not add up to 1. */
function normalise(spans: readonly Span[], extent: number, scale: number): void {
  const sums = new Float64Array(extent * scale);
  for (const { start, weights } of spans)
    for (let place = 0; place < weights.length; place += 1)
      sums[start * scale + place]! += weights[place]!;
  for (const { start, weights } of spans)
    for (let place = 0; place < weights.length; place += 1)
      weights[place]! /= sums[start * scale + place]!;
}

/** 0 up to `low`, 1 from `high` on, straight between; without a ramp a jump half way. */
function rising(place: number, low: number, high: number, ramp: number): number {
  if (ramp === 0) return place > Math.floor((low + high) / 2) ? 1 : 0;
  return Math.min(1, Math.max(0, (place - low) / (high - low)));
}

/** A rectangle of an image. */
export interface Tile {
  readonly index: number;
  readonly rows: Span;
  readonly columns: Span;
}

/** How images are cut along both sides, where it is not the same. */
export interface SideSettings {
  readonly rows: TileSettings;
  readonly columns: TileSettings;
}

/**
 * The tiles of an image, row by row.
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
 * Adds a computed tile to a part of an image, weighted so that all tiles together make the whole.
 * @param tile [1, C, rows scale, columns scale], or without the first extent.
 * @param planes C planes of the part, zero before the first tile.
 * @param part where in the image it lies.
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

/** Whether a tile, its pixels enlarged by `scale`, has a weight somewhere in a part of the image. */
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
