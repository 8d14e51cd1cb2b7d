import { writeFileAtomic } from '../../files/write-atomic.js';
import { encodeRaster } from '../encode.js';
import type { PictureFormat } from '../format.js';
import type { PictureLayout, RasterWriter } from './raster-writer.js';

/** Keeps the samples of a picture, 8 or 16 bits each, for an encoder that wants all of them. */
export function openCollectingWriter(
  path: string,
  format: PictureFormat,
  layout: PictureLayout,
): RasterWriter {
  const { width, height, channels, bitDepth } = layout;
  const pitch = width * channels;
  let samples: Uint8Array | Uint16Array | undefined;
  let row = 0;
  const room = () => new (bitDepth === 16 ? Uint16Array : Uint8Array)(height * pitch);
  return {
    write: async (rows) => {
      if (rows.height === height) samples = rows.samples;
      else {
        samples ??= room();
        samples.set(rows.samples, row * pitch);
      }
      row += rows.height;
    },
    finish: async () => {
      const raster = { width, height, channels, samples: samples ?? room() };
      await writeFileAtomic(path, await encodeRaster(raster, layout, format));
    },
    abandon: async () => {
      samples = undefined;
    },
  };
}
