import type { Rectangle } from '../../tensor/window.js';
import type { Raster } from '../png-container.js';

/** A picture whose samples lie on the disk and are read in parts. */
export interface PixelSource extends Pick<Raster, 'width' | 'height' | 'channels'> {
  readonly bitDepth: 8 | 16;
  /** The samples of a rectangle inside the picture, interleaved, row by row. */
  read(rectangle: Rectangle): Promise<Raster>;
  /** Gives file and disk space back; a second call does nothing. */
  close(): Promise<void>;
}

/** Whole rows of a picture. */
export function readRows(source: PixelSource, from: number, count: number): Promise<Raster> {
  return source.read({ top: from, left: 0, height: count, width: source.width });
}
