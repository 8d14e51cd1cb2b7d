import { ParameterError } from '../tensor/errors.js';

/** How pictures are cut along each side, in pixels of the network's input. */
export interface TileSettings {
  /** Largest extent of a tile. */
  readonly size: number;
  /** Pixels next to a cut that are computed and thrown away. */
  readonly margin: number;
  /** Pixels over which neighbouring tiles are blended, at least. */
  readonly ramp: number;
  /** Cuts lie at multiples of this. */
  readonly multiple: number;
}

/** One tile's place along one side, with a weight for each of its pixels. */
export interface Span {
  readonly start: number;
  readonly length: number;
  /** Blending weights, which add up to 1 over all spans at every pixel. */
  readonly weights: Float32Array;
}

/**
 * Even overlapping spans over `extent` pixels: a function of the extent and the settings alone.
 * All have one length but for the last, which is shorter where the extent is no multiple.
 * @throws ParameterError where margins and ramp leave nothing of a tile.
 */
export function layOut(extent: number, settings: TileSettings): Span[] {
  const { size, margin, ramp, multiple } = wholeMultiples(settings);
  if (extent <= settings.size) return [{ start: 0, length: extent, weights: ones(extent) }];
  const overlap = 2 * margin + ramp;
  if (size - overlap < multiple)
    throw new ParameterError(
      'tile',
      `at least ${overlap + multiple} pixels for these modules`,
      settings.size,
    );
  const count = Math.max(2, Math.ceil((extent - overlap) / (size - overlap)));
  let length = Math.ceil((extent + overlap * (count - 1)) / count / multiple) * multiple;
  let starts = startsOf(extent, length, count, multiple);
  while (longestStep(starts) > length - overlap) {
    length += multiple;
    starts = startsOf(extent, length, count, multiple);
  }
  return starts.map((start, index) => {
    const own = Math.min(length, extent - start);
    const before = starts[index - 1];
    const after = starts[index + 1];
    const weights = ones(own);
    if (before !== undefined) fade(weights, start, [start + margin, before + length - margin]);
    if (after !== undefined) fade(weights, start, [start + own - margin, after + margin]);
    return { start, length: own, weights };
  });
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

/** Multiplies by a straight slope from 0 at `zero` to 1 at `one`, either way round. */
function fade(weights: Float32Array, start: number, [zero, one]: [number, number]): void {
  for (let index = 0; index < weights.length; index += 1) {
    const centre = start + index + 0.5;
    const share = zero === one ? Number(centre > zero) : (centre - zero) / (one - zero);
    weights[index]! *= Math.min(1, Math.max(0, share));
  }
}
