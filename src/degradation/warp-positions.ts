import type { AffineMatrix } from './affine.js';

/** Where the pixel (x, y) of a result is sampled. */
export interface Positions {
  x(x: number, y: number): number;
  y(x: number, y: number): number;
}

/** Places as the map says. */
export function exactPositions(map: AffineMatrix): Positions {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = map;
  return {
    x: (x, y) => a * x + b * y + c,
    y: (x, y) => d * x + e * y + f,
  };
}

// OpenCV adds a column's and a row's part in 1/1024 pixel and keeps 1/32.
const partsPerPixel = 1024;
const partsPerStep = 32;

/** Places in the fixed-point arithmetic of OpenCV's `warpAffine`: multiples of 1/32 pixel. */
export function fixedPointPositions(map: AffineMatrix): Positions {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = map;
  const place = (column: number, row: number): number => {
    const parts = roundToEven(row * partsPerPixel) + roundToEven(column * partsPerPixel);
    return Math.floor((parts + partsPerStep / 2) / partsPerStep) / (partsPerPixel / partsPerStep);
  };
  return {
    x: (x, y) => place(a * x, b * y + c),
    y: (x, y) => place(d * x, e * y + f),
  };
}

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
