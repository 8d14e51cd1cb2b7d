import type { Camera } from '../degradation/camera/camera.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { MAX_FILE_BYTES, MAX_PIXELS, RAW_DECODE_MS } from '../utils/limits.js';

/** How the image is to be turned to stand upright, in the numbers of EXIF. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Metadata of a RAW file. */
export interface RawMetadata {
  /**
   * White balance as shot (green is 1) and the matrices between the balanced camera colours and
   * linear sRGB. Brightening is 1 unless the file asks for some.
   */
  readonly camera: Camera;
  readonly orientation: Orientation;
  readonly exposureSeconds?: number;
  readonly iso?: number;
  /** The f-number. */
  readonly aperture?: number;
  readonly make?: string;
  readonly model?: string;
}

/** One exposure of a RAW sensor, as the sensor stands: not turned. */
export interface RawFrame {
  /** Path of its file. */
  readonly name: string;
  /** [4, h, w] RGGB, linear in [0, 1]: black is 0, white 1. */
  readonly packed: Tensor;
  readonly metadata: RawMetadata;
  /** The exposed part of the sensor as the file has it, before it was brought to RGGB. */
  readonly sensor: { readonly width: number; readonly height: number; readonly phase: BayerPhase };
  /** What had to be assumed or dropped. */
  readonly notes: readonly string[];
}

/** Bounds that are checked before samples are decoded. */
export interface RawLimits {
  /** Samples of the sensor, masked borders included, 2^28 unless given. */
  readonly maxPixels?: number;
  /** Bytes of the file, 2^30 unless given. */
  readonly maxBytes?: number;
  /** Milliseconds a decoder may take for a file, 120,000 unless given. */
  readonly maxMilliseconds?: number;
}

/** The limits with their defaults. */
export function completeLimits(limits: RawLimits = {}): Required<RawLimits> {
  return {
    maxPixels: limits.maxPixels ?? MAX_PIXELS,
    maxBytes: limits.maxBytes ?? MAX_FILE_BYTES,
    maxMilliseconds: limits.maxMilliseconds ?? RAW_DECODE_MS,
  };
}

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
