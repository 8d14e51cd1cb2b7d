import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { openAtomicFile } from '../../files/write-atomic.js';
import type { Raster } from '../png-container.js';
import type { PictureLayout, RasterWriter } from './raster-writer.js';
import { appendDirectory, appendExif, writeOffset } from './tiff-directory.js';
import { longs, offsets, shorts, type TiffEntry, tiffTypes } from './tiff-entries.js';

const compressed = promisify(deflate);

/** Bytes of a strip before compression. */
const STRIP_BYTES = 2 ** 20;
/** Files that may come near 4 GiB need offsets of eight bytes. */
const CLASSIC_BYTES = 2 ** 32 - 2 ** 26;

/**
 * Writes a TIFF file strip by strip, losslessly compressed; BigTIFF where it may pass 4 GiB.
 * @param largest bytes of samples that a classic file may hold.
 */
export async function openTiffWriter(
  path: string,
  layout: PictureLayout,
  largest = CLASSIC_BYTES,
): Promise<RasterWriter> {
  const file = await openAtomicFile(path);
  const { width, height, channels, bitDepth, icc, exif, xmp } = layout;
  const pitch = (width * channels * bitDepth) / 8;
  const isBig = pitch * height > largest;
  const perStrip = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / pitch)));
  const starts: number[] = [];
  const lengths: number[] = [];
  let waiting: Buffer = Buffer.alloc(0);

  const start = async (): Promise<void> => {
    if (file.length === 0) await file.append(header(0, isBig));
  };
  const strip = async (bytes: Buffer): Promise<void> => {
    const part = await compressed(bytes, { level: 4 });
    starts.push(file.length);
    lengths.push(part.length);
    await file.append(part);
  };
  const directory = async (): Promise<TiffEntry[]> => {
    const kept = exif === undefined ? [] : await appendExif(file, exif, isBig);
    const hasAlpha = channels % 2 === 0;
    return [
      ...kept,
      longs(256, width),
      longs(257, height),
      shorts(258, ...Array.from({ length: channels }, () => bitDepth)),
      shorts(259, 8),
      shorts(262, channels <= 2 ? 1 : 2),
      offsets(273, starts, isBig),
      shorts(274, 1),
      shorts(277, channels),
      longs(278, perStrip),
      offsets(279, lengths, isBig),
      shorts(284, 1),
      shorts(317, 2),
      ...(hasAlpha ? [shorts(338, 2)] : []),
      shorts(339, ...Array.from({ length: channels }, () => 1)),
      ...attached(700, tiffTypes.byte, xmp),
      ...attached(34675, tiffTypes.undefined, icc),
    ];
  };
  return {
    write: async (rows) => {
      await start();
      waiting = Buffer.concat([waiting, differences(rows)]);
      const size = perStrip * pitch;
      let done = 0;
      for (; waiting.length - done >= size; done += size)
        await strip(waiting.subarray(done, done + size));
      waiting = Buffer.from(waiting.subarray(done));
    },
    finish: async () => {
      await start();
      if (waiting.length > 0) await strip(waiting);
      const at = await appendDirectory(file, await directory(), isBig);
      await file.overwrite(0, header(at, isBig));
      await file.commit();
    },
    abandon: () => file.abandon(),
  };
}

function attached(tag: number, type: number, content: Uint8Array | undefined): TiffEntry[] {
  if (content === undefined) return [];
  return [{ tag, type, count: content.length, value: Buffer.from(content) }];
}

function header(directory: number, isBig: boolean): Uint8Array {
  const bytes = Buffer.alloc(isBig ? 16 : 8);
  bytes.write('II', 0, 'latin1');
  bytes.writeUInt16LE(isBig ? 43 : 42, 2);
  if (isBig) bytes.writeUInt16LE(8, 4);
  writeOffset(bytes, isBig ? 8 : 4, directory, isBig);
  return bytes;
}

/** Rows of differences to the sample of the pixel before, low byte first. */
function differences({ width, height, channels, samples }: Raster): Buffer {
  const made = samples.slice();
  const pitch = width * channels;
  for (let row = 0; row < height; row += 1)
    for (let at = pitch - 1; at >= channels; at -= 1)
      made[row * pitch + at]! -= made[row * pitch + at - channels]!;
  return Buffer.from(made.buffer, made.byteOffset, made.byteLength);
}
