import type { Raster } from '../png-container.js';

/** A picture whose rows come later. */
export interface PictureLayout extends Pick<Raster, 'width' | 'height' | 'channels'> {
  readonly bitDepth: 8 | 16;
  /** Attached as it is; left out if made for other channels. */
  readonly icc?: Uint8Array;
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
}

/** Writes a picture file from samples that come row by row. */
export interface RasterWriter {
  /** The next rows. */
  write(rows: Raster): Promise<void>;
  /** Ends the file and gives it its name. */
  finish(): Promise<void>;
  /** Leaves nothing behind; after `finish` it does nothing. */
  abandon(): Promise<void>;
}
