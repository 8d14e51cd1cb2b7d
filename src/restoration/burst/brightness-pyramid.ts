import type { Tensor } from '../../tensor/tensor.js';
import type { Point, Size } from './rigid-motion.js';

/** One value a place. */
export interface Plane extends Size {
  readonly values: Float32Array;
}

/** A plane whose places stand for `factor` x `factor` packed pixels. */
export interface Level extends Plane {
  readonly factor: number;
  /** Where the middle of the frame lies, in places. */
  readonly centre: Point;
}

/** Between signal and noise: the law of a sensor's noise has a constant part. */
const DARK = 0.01;
/** Places on each side over which a level's surroundings are averaged. */
const SURROUNDINGS = 8;

/**
 * Brightness of a packed frame [4, h, w]: square roots, in which noise is about as large in light as
 * in shade, of means over factor x factor pixels of some of its planes. Rows and columns that fill
 * no such square are left out.
 */
export function brightness(
  { shape, data }: Tensor,
  factor: number,
  planes: readonly number[] = [0, 1, 2, 3],
): Plane {
  const [, fullHeight, fullWidth] = shape as [number, number, number];
  const [height, width] = [Math.floor(fullHeight / factor), Math.floor(fullWidth / factor)];
  const values = new Float32Array(height * width);
  const share = 1 / (planes.length * factor ** 2);
  for (let y = 0; y < height; y += 1) {
    const row = values.subarray(y * width, (y + 1) * width);
    for (const plane of planes)
      for (let inner = 0; inner < factor; inner += 1) {
        let from = (plane * fullHeight + y * factor + inner) * fullWidth;
        for (let x = 0; x < width; x += 1) {
          let sum = 0;
          for (const end = from + factor; from < end; from += 1) sum += data[from]!;
          row[x]! += sum * share;
        }
      }
    for (let x = 0; x < width; x += 1) row[x] = Math.sqrt(Math.max(row[x]!, 0) + DARK);
  }
  return { height, width, values };
}

/** Means over 2 x 2 places. */
function halved({ height, width, values }: Plane): Plane {
  const small = { height: Math.floor(height / 2), width: Math.floor(width / 2) };
  const means = new Float32Array(small.height * small.width);
  for (let y = 0; y < small.height; y += 1)
    for (let x = 0; x < small.width; x += 1) {
      const at = 2 * (y * width + x);
      const sum = values[at]! + values[at + 1]! + values[at + width]! + values[at + width + 1]!;
      means[y * small.width + x] = sum / 4;
    }
  return { ...small, values: means };
}

/**
 * The detail of a plane: smoothed a little against noise, without the mean of the surroundings and
 * with a mean square of 1, so that exposure, vignetting and the like do not matter. All 0 for a
 * plane without any.
 */
export function detail(plane: Plane): Plane {
  const { height, width, values } = plane;
  const smooth = separately(plane, (line) => filtered(line, 1));
  const around = separately(smooth, (line) => filtered(filtered(line, SURROUNDINGS), SURROUNDINGS));
  const result = new Float32Array(values.length);
  let squares = 0;
  for (let at = 0; at < result.length; at += 1) {
    result[at] = smooth.values[at]! - around.values[at]!;
    squares += result[at]! ** 2;
  }
  const deviation = Math.sqrt(squares / result.length);
  const gain = deviation > LEAST_DEVIATION ? 1 / deviation : 0;
  for (let at = 0; at < result.length; at += 1) result[at]! *= gain;
  return { height, width, values: result };
}

/** What rounding to single precision leaves of a flat image is less. */
const LEAST_DEVIATION = 1e-6;

/** A plane whose rows and then columns went through a filter of lines. */
function separately(
  { height, width, values }: Plane,
  filter: (line: Float64Array) => Float64Array,
): Plane {
  const result = new Float32Array(values.length);
  for (let y = 0; y < height; y += 1)
    result.set(filter(Float64Array.from(values.subarray(y * width, (y + 1) * width))), y * width);
  const column = new Float64Array(height);
  for (let x = 0; x < width; x += 1) {
    for (let y = 0; y < height; y += 1) column[y] = result[y * width + x]!;
    const made = filter(column);
    for (let y = 0; y < height; y += 1) result[y * width + x] = made[y]!;
  }
  return { height, width, values: result };
}

/** Means over `radius` values on both sides, fewer at the ends. */
function filtered(line: Float64Array, radius: number): Float64Array {
  const sums = new Float64Array(line.length + 1);
  for (let at = 0; at < line.length; at += 1) sums[at + 1] = sums[at]! + line[at]!;
  return line.map((_, at) => {
    const first = Math.max(0, at - radius);
    const end = Math.min(line.length, at + radius + 1);
    return (sums[end]! - sums[first]!) / (end - first);
  });
}

/** The detail of a frame at ever smaller sizes, the finest first. */
export function levelsOf(plane: Plane, full: Size, factor: number, count: number): Level[] {
  const levels: Level[] = [];
  let current = plane;
  for (let index = 0; index < count; index += 1) {
    if (index > 0) current = halved(current);
    const own = factor * 2 ** index;
    const along = (extent: number): number => (extent - own) / (2 * own);
    const centre = { x: along(full.width), y: along(full.height) };
    levels.push({ ...detail(current), factor: own, centre });
  }
  return levels;
}
