import { constant, conv2d, pad, pixelShuffle, type Value } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';

/**
 * Packed RGGB [N, 4, h, w] demosaicked bilinearly and enlarged bilinearly, [N, 3, 2 scale h,
 * 2 scale w]: pixel (x, y) of the mosaic becomes pixel (scale x, scale y). The border is repeated
 * outside.
 */
export function demosaicked(packed: Value, scale: number): Value {
  const side = 2 * scale;
  const kernels = new Float32Array(3 * side ** 2 * 4 * 9);
  for (let colour = 0; colour < 3; colour += 1)
    for (let phase = 0; phase < side ** 2; phase += 1) {
      const filter = colour * side ** 2 + phase;
      const row = Math.floor(phase / side) / scale;
      const column = (phase % side) / scale;
      for (const { plane, y, x, weight } of readings(colour, row, column))
        kernels[((filter * 4 + plane) * 3 + y + 1) * 3 + x + 1]! += weight;
    }
  const padding = [
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 1],
  ] as const;
  const filters = constant(tensor([3 * side ** 2, 4, 3, 3], kernels));
  return pixelShuffle(conv2d(pad(packed, padding, 'edge'), filters, undefined), side);
}

/** The weight of a sample in a value; y and x are offsets in packed pixels. */
interface Reading {
  readonly plane: number;
  readonly y: number;
  readonly x: number;
  readonly weight: number;
}

/** The samples of a colour at a position between the pixels of the mosaic. */
function readings(colour: number, row: number, column: number): Reading[] {
  return linear(row).flatMap(([y, down]) =>
    linear(column).flatMap(([x, across]) =>
      neighbours(colour, y, x).map(([sampleY, sampleX, share]) => ({
        plane: 2 * modulo(sampleY) + modulo(sampleX),
        y: Math.floor(sampleY / 2),
        x: Math.floor(sampleX / 2),
        weight: down * across * share,
      })),
    ),
  );
}

/** The two pixels around a position, with their weights. */
function linear(place: number): [pixel: number, share: number][] {
  const before = Math.floor(place);
  const after = place - before;
  return after === 0
    ? [[before, 1]]
    : [
        [before, 1 - after],
        [before + 1, after],
      ];
}

/** Samples of a colour next to a pixel of the mosaic, with equal shares. */
function neighbours(colour: number, y: number, x: number): [y: number, x: number, share: number][] {
  const places =
    colour === 1 ? greens(y, x) : crossing(aroundOf(y, colour / 2), aroundOf(x, colour / 2));
  return places.map(([row, column]) => [row, column, 1 / places.length]);
}

/** Green lies where row and column differ in parity. */
function greens(y: number, x: number): [number, number][] {
  if (modulo(y + x) === 1) return [[y, x]];
  return [
    [y - 1, x],
    [y + 1, x],
    [y, x - 1],
    [y, x + 1],
  ];
}

/** The nearest positions of a parity. */
function aroundOf(place: number, parity: number): number[] {
  return modulo(place) === parity ? [place] : [place - 1, place + 1];
}

function crossing(rows: readonly number[], columns: readonly number[]): [number, number][] {
  return rows.flatMap((row) => columns.map((column): [number, number] => [row, column]));
}

function modulo(place: number): number {
  return ((place % 2) + 2) % 2;
}
