import { once } from 'node:events';
import { constants, createDeflate } from 'node:zlib';
import { openAtomicFile } from '../../files/write-atomic.js';
import { pngChunk, pngHead, type Raster, scanLines } from '../png-container.js';
import type { PictureLayout, RasterWriter } from './raster-writer.js';

/** "Differences to the pixel before", which suits photographs. */
const SUB = 1;

/** Writes a PNG file as its rows come. */
export async function openPngWriter(path: string, layout: PictureLayout): Promise<RasterWriter> {
  const file = await openAtomicFile(path);
  const { bitDepth, channels } = layout;
  const pixelBytes = (channels * bitDepth) / 8;
  const deflate = createDeflate({ level: 4, strategy: constants.Z_FILTERED, chunkSize: 2 ** 18 });
  const made: Uint8Array[] = [];
  deflate.on('data', (part: Uint8Array) => made.push(part));
  const flush = async (): Promise<void> => {
    for (const part of made.splice(0))
      for (const piece of pngChunk('IDAT', part)) await file.append(piece);
  };
  const start = async (): Promise<void> => {
    if (file.length > 0) return;
    for (const piece of pngHead(layout)) await file.append(piece);
  };
  return {
    write: async (rows) => {
      await start();
      const lines = filtered(rows, pixelBytes);
      await new Promise<void>((resolve, reject) => {
        deflate.write(lines, (error) => (error ? reject(error) : resolve()));
      });
      await flush();
    },
    finish: async () => {
      await start();
      const ended = once(deflate, 'end');
      deflate.end();
      await ended;
      await flush();
      for (const piece of pngChunk('IEND')) await file.append(piece);
      await file.commit();
    },
    abandon: async () => {
      deflate.destroy();
      await file.abandon();
    },
  };
}

/** Scan lines whose bytes are differences to those of the pixel before. */
function filtered(rows: Raster, pixelBytes: number): Uint8Array {
  const lines = scanLines(rows);
  const pitch = lines.length / rows.height;
  for (let row = 0; row < rows.height; row += 1) {
    const line = lines.subarray(row * pitch, (row + 1) * pitch);
    line[0] = SUB;
    for (let at = pitch - 1; at > pixelBytes; at -= 1) line[at]! -= line[at - pixelBytes]!;
  }
  return lines;
}
