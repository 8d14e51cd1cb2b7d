import type { Camera } from '../degradation/camera/camera.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BayerPhase } from './bayer.js';

/** How the picture is to be turned to stand upright, in the numbers of EXIF. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a RAW file says beside its samples. */
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
  /** What had to be assumed or left out. */
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
    maxPixels: limits.maxPixels ?? 2 ** 28,
    maxBytes: limits.maxBytes ?? 2 ** 30,
    maxMilliseconds: limits.maxMilliseconds ?? 120_000,
  };
}
