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
  const spans = starts.map((start, index) => {
    const own = Math.min(length, extent - start);
    const weights = ones(own);
    const before = starts[index - 1];
    const after = starts[index + 1];
    for (let place = 0; place < own; place += 1) {
      const centre = start + place + 0.5;
      if (before !== undefined)
        weights[place]! *= rising(centre, start + margin, before + length - margin);
      if (after !== undefined)
        weights[place]! *= 1 - rising(centre, after + margin, start + length - margin);
    }
    return { start, length: own, weights };
  });
  normalise(spans, extent);
  return spans;
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
function normalise(spans: readonly Span[], extent: number): void {
  const sums = new Float64Array(extent);
  for (const { start, weights } of spans)
    for (let place = 0; place < weights.length; place += 1) sums[start + place]! += weights[place]!;
  for (const { start, weights } of spans)
    for (let place = 0; place < weights.length; place += 1) weights[place]! /= sums[start + place]!;
}

/** 0 up to `low`, 1 from `high` on, straight between; a jump where both are one. */
function rising(place: number, low: number, high: number): number {
  if (low === high) return place > low ? 1 : 0;
  return Math.min(1, Math.max(0, (place - low) / (high - low)));
}
