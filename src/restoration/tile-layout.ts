import { ParameterError } from '../tensor/errors.js';

/** How pictures are cut along each side, in pixels of the network's input. */
export interface TileSettings {
  /** Largest extent of a tile. */
  readonly size: number;
  /** Pixels next to a cut that are computed and thrown away. */
  readonly margin: number;
  /** Pixels over which neighbouring tiles are blended, at least; 0 for a cut. */
  readonly ramp: number;
  /** Cuts lie at multiples of this. */
  readonly multiple: number;
  /** Every tile of a picture that is cut has the largest extent, not all an even one. */
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
