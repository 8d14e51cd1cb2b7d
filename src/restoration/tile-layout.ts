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
  const { margin, ramp, multiple } = settings;
  const size = Math.floor(settings.size / multiple) * multiple;
  if (extent <= settings.size) return [{ start: 0, length: extent, weights: ones(extent) }];
  const advance = size - 2 * margin - ramp;
  if (advance < multiple)
    throw new ParameterError(
      'tile',
      `at least ${2 * margin + ramp + 2 * multiple} pixels for these modules`,
      settings.size,
    );
  const overlap = size - advance;
  const count = Math.max(2, Math.ceil((extent - overlap) / advance));
  const even = Math.ceil((extent + overlap * (count - 1)) / count);
  const length = Math.min(size, Math.ceil(even / multiple) * multiple);
  const last = Math.ceil((extent - length) / multiple);
  const starts = Array.from(
    { length: count },
    (_, index) => Math.round((last * index) / (count - 1)) * multiple,
  );
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
