import type { LibRawImage } from './decoder-thread.js';

/** Where a window of the exposed part was cut out; even numbers. */
export interface ProbeWindow {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** The samples of a sensor and where its exposed part begins. */
export interface ExposedSamples {
  readonly samples: Uint16Array;
  readonly stride: number;
  readonly top: number;
  readonly left: number;
}

/** Level of each of the four filters of a cell; `undefined` where no sample rises above it. */
interface FoundLevels {
  readonly levels: readonly (number | undefined)[];
  /** Whether each level is the same everywhere in the window. */
  readonly uniform: boolean;
}

const largestSide = 128;
const candidates = 16;

/** The window in the middle of a sensor. */
export function centralWindow(width: number, height: number): ProbeWindow {
  const size = { width: windowSide(width), height: windowSide(height) };
  return { top: even((height - size.height) / 2), left: even((width - size.width) / 2), ...size };
}

/** Of a grid of windows the one with the largest sum. */
export function brightestWindow(
  sensor: ExposedSamples,
  width: number,
  height: number,
): ProbeWindow {
  const size = { width: windowSide(width), height: windowSide(height) };
  let best = { top: 0, left: 0, ...size };
  let most = -1;
  for (let row = 0; row < candidates; row++)
    for (let column = 0; column < candidates; column++) {
      const window = {
        top: even(((height - size.height) * row) / (candidates - 1)),
        left: even(((width - size.width) * column) / (candidates - 1)),
        ...size,
      };
      const sum = sumOf(sensor, window);
      if (sum > most) [best, most] = [window, sum];
    }
  return best;
}

/**
 * The black levels that LibRaw subtracts: what a window of the mosaic lost when LibRaw made a
 * image of it without scaling, interpolation or colour. LibRaw knows them from tags, tables and
 * masked borders, and the package does not hand them on.
 */
export function levelsOf(
  sensor: ExposedSamples,
  window: ProbeWindow,
  image: LibRawImage,
): FoundLevels {
  const firsts = new Array<number>(4);
  const sums = [0, 0, 0, 0];
  const counts = [0, 0, 0, 0];
  let uniform = true;
  for (let y = 0; y < window.height; y++)
    for (let x = 0; x < window.width; x++) {
      const at = 3 * (y * window.width + x);
      const subtracted = Math.max(image.data[at]!, image.data[at + 1]!, image.data[at + 2]!);
      if (subtracted === 0) continue;
      const level = sampleAt(sensor, window.top + y, window.left + x) - subtracted;
      const cell = 2 * (y & 1) + (x & 1);
      firsts[cell] ??= level;
      uniform &&= firsts[cell] === level;
      sums[cell]! += level;
      counts[cell]! += 1;
    }
  const means = counts.map((count, cell) => (count === 0 ? undefined : sums[cell]! / count));
  return { levels: means, uniform };
}

/** The largest sample of each filter of the cell; as the black level it makes all samples black. */
export function largestSamples(sensor: ExposedSamples, width: number, height: number): number[] {
  const largest = [0, 0, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = 2 * (y & 1) + (x & 1);
      largest[cell] = Math.max(largest[cell]!, sampleAt(sensor, y, x));
    }
  return largest;
}

function sumOf(sensor: ExposedSamples, window: ProbeWindow): number {
  let sum = 0;
  for (let y = 0; y < window.height; y++)
    for (let x = 0; x < window.width; x++) sum += sampleAt(sensor, window.top + y, window.left + x);
  return sum;
}

function sampleAt({ samples, stride, top, left }: ExposedSamples, y: number, x: number): number {
  return samples[(top + y) * stride + left + x]!;
}

function windowSide(side: number): number {
  return Math.min(largestSide, even(side));
}

function even(value: number): number {
  return 2 * Math.floor(value / 2);
}
