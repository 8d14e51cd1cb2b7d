import type { Mosaic } from './dng.js';
import { text, tiffFile } from './tiff.js';

/** A file in the manner of a Nikon D300: uncompressed, held upright, without a maker's note. */
export function nefFile({ width, height, samples }: Mosaic): Uint8Array {
  return tiffFile([
    [
      { tag: 254, type: 'long', values: [1] },
      { tag: 256, type: 'long', values: [160] },
      { tag: 257, type: 'long', values: [120] },
      text(271, 'NIKON CORPORATION'),
      text(272, 'NIKON D300'),
      { tag: 274, type: 'short', values: [8] },
      {
        tag: 330,
        type: 'long',
        directories: [
          [
            { tag: 254, type: 'long', values: [0] },
            { tag: 256, type: 'long', values: [width] },
            { tag: 257, type: 'long', values: [height] },
            { tag: 258, type: 'short', values: [16] },
            { tag: 259, type: 'short', values: [1] },
            { tag: 262, type: 'short', values: [32803] },
            { tag: 273, type: 'long', blobs: [new Uint8Array(samples.buffer)] },
            { tag: 277, type: 'short', values: [1] },
            { tag: 278, type: 'long', values: [height] },
            { tag: 279, type: 'long', values: [samples.byteLength] },
            { tag: 33421, type: 'short', values: [2, 2] },
            { tag: 33422, type: 'byte', values: [0, 1, 1, 2] },
          ],
        ],
      },
    ],
  ]);
}
