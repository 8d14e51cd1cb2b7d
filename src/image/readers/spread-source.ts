import type { Metadata } from 'sharp';
import { spreadLevels } from '../deep-levels.js';
import type { PixelSource } from './pixel-source.js';

/** A source whose samples of 10 or 12 bits have the range of 16; others are given back. */
export function spreadSource(stored: PixelSource, header: Metadata): PixelSource {
  if (stored.bitDepth === 8) return stored;
  return {
    ...stored,
    read: async (rectangle) => {
      const raster = await stored.read(rectangle);
      spreadLevels(raster.samples, header);
      return raster;
    },
  };
}
