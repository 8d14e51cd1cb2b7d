import type { MosaicWindow } from '../bayer.js';
import type { Orientation } from '../frame.js';

/** A file for the decoder's thread. */
export interface DecodeRequest {
  readonly bytes: Uint8Array;
  readonly maxPixels: number;
}

/** The exposed part of a sensor as the decoder gives it; its samples are those of the whole sensor. */
export interface DecodedMosaic extends MosaicWindow {
  /** As-shot factors of red, green and blue; absent where the file has none. */
  readonly asShot?: readonly number[];
  /** Factors for daylight. */
  readonly daylight?: readonly number[];
  /** Balanced camera colours to linear sRGB, three rows of three; absent for an unknown camera. */
  readonly cameraToRgb?: readonly number[];
  readonly orientation: Orientation;
  readonly exposureSeconds: number;
  readonly iso: number;
  readonly aperture: number;
  readonly make: string;
  readonly model: string;
  readonly notes: readonly string[];
}

/** What the thread answers: a mosaic, or why there is none. */
export type DecodeReply =
  | { readonly mosaic: DecodedMosaic }
  | { readonly refused: 'input' | 'limit'; readonly reason: string };
