import { type Tensor, tensor } from '../tensor/tensor.js';

/** Colours of the filters of a 2 x 2 cell, row by row. */
export type BayerPhase = 'RGGB' | 'BGGR' | 'GRBG' | 'GBRG';

export const bayerPhases: readonly BayerPhase[] = ['RGGB', 'BGGR', 'GRBG', 'GBRG'];

/** A window of a mosaic and what its samples mean. */
export interface MosaicWindow {
  readonly samples: Uint16Array;
  /** Samples from one row to the next. */
  readonly stride: number;
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** The phase at the window's first sample. */
  readonly phase: BayerPhase;
  /** Of the window's cell, row by row. */
  readonly black: readonly number[];
  readonly white: readonly number[];
}

/**
 * The window as [4, h, w] RGGB planes with black at 0 and white at 1, clamped. Another phase than
 * RGGB loses its first row, its first column or both, and an odd rest its last: samples stay where
 * they are on the sensor, and no channels are exchanged.
 */
export function packMosaic(window: MosaicWindow): Tensor {
  const { samples, stride, width, height, phase } = window;
  const red = phase.indexOf('R');
  const down = red >> 1;
  const right = red & 1;
  const rows = (height - down) >> 1;
  const columns = (width - right) >> 1;
  const result = new Float32Array(4 * rows * columns);
  for (let plane = 0; plane < 4; plane++) {
    const y = down + (plane >> 1);
    const x = right + (plane & 1);
    const cell = 2 * (y & 1) + (x & 1);
    const black = window.black[cell]!;
    const range = window.white[cell]! - black;
    for (let row = 0; row < rows; row++) {
      const from = (window.top + y + 2 * row) * stride + window.left + x;
      const to = (plane * rows + row) * columns;
      for (let column = 0; column < columns; column++) {
        const value = (samples[from + 2 * column]! - black) / range;
        result[to + column] = Math.min(Math.max(value, 0), 1);
      }
    }
  }
  return tensor([4, rows, columns], result);
}
