import type { QuantisationTable } from './quantisation.js';

/** Samples 0 to 255. */
export interface Plane {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
}

// The orthonormal cosine transform of eight samples: row k, column n.
const cosines = Float64Array.from({ length: 64 }, (_, at) => {
  const k = at >> 3;
  const n = at & 7;
  return (k === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * n + 1) * k * Math.PI) / 16);
});

/**
 * What is left of a plane after its 8x8 blocks have been transformed, quantised and transformed
 * back, rounded and clamped to 0 to 255. Incomplete blocks are filled with the last pixel.
 */
export function codePlane({ data, height, width }: Plane, table: QuantisationTable): Plane {
  const result = new Float32Array(height * width);
  const block = new Float64Array(64);
  const spare = new Float64Array(64);
  for (let top = 0; top < height; top += 8)
    for (let left = 0; left < width; left += 8) {
      for (let at = 0; at < 64; at++) {
        const y = Math.min(top + (at >> 3), height - 1);
        const x = Math.min(left + (at & 7), width - 1);
        block[at] = data[y * width + x]! - 128;
      }
      forwardRows(block, spare);
      forwardRows(spare, block);
      for (let at = 0; at < 64; at++) {
        const step = table[at]!;
        // Coders have coefficients in eighths, which makes exact halves of steps frequent.
        const eighths = Math.floor(8 * Math.abs(block[at]!) + 0.5);
        const steps = Math.floor((eighths + 4 * step) / (8 * step));
        block[at] = block[at]! < 0 ? -steps * step : steps * step;
      }
      inverseRows(block, spare);
      inverseRows(spare, block);
      const bottom = Math.min(8, height - top);
      const right = Math.min(8, width - left);
      for (let y = 0; y < bottom; y++)
        for (let x = 0; x < right; x++) {
          const sample = Math.floor(block[8 * y + x]! + 128.5);
          result[(top + y) * width + left + x] = Math.min(255, Math.max(0, sample));
        }
    }
  return { data: result, height, width };
}

/** Transforms the rows and writes them as columns; done twice it transforms the block. */
function forwardRows(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < 8; row++) {
    const at = 8 * row;
    for (let k = 0; k < 8; k++) {
      let sum = 0;
      for (let n = 0; n < 8; n++) sum += cosines[8 * k + n]! * from[at + n]!;
      to[8 * k + row] = sum;
    }
  }
}

function inverseRows(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < 8; row++) {
    const at = 8 * row;
    for (let n = 0; n < 8; n++) {
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += cosines[8 * k + n]! * from[at + k]!;
      to[8 * n + row] = sum;
    }
  }
}
