import { once } from 'node:events';
import { constants, crc32, createDeflate, deflateSync } from 'node:zlib';
import { openAtomicFile } from '../files/write-atomic.js';
import { type ImageMetadata, withoutPrefix } from './metadata.js';
import type { ImageLayout, Raster, RasterWriter } from './raster.js';

const colourTypes = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

/**
 * A PNG file with uncompressed pixels and metadata: the form in which an encoder can be handed both
 * together.
 */
export function pngContainer(raster: Raster, metadata: ImageMetadata): Uint8Array {
  const bitDepth = raster.samples.BYTES_PER_ELEMENT === 2 ? 16 : 8;
  return Buffer.concat([
    ...pngHead({ ...raster, ...metadata, bitDepth }),
    ...pngChunk('IDAT', deflateSync(scanLines(raster), { level: 0 })),
    ...pngChunk('IEND'),
  ]);
}

/** The signature and the chunks before the pixels. */
function pngHead(head: ImageLayout): Uint8Array[] {
  const { width, height, bitDepth, channels, icc, exif, xmp } = head;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourTypes[channels];
  return [
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...pngChunk('IHDR', header),
    ...(icc ? pngChunk('iCCP', Buffer.from('ICC\0\0', 'latin1'), deflateSync(icc)) : []),
    ...(exif ? pngChunk('eXIf', withoutPrefix(exif)) : []),
    ...(xmp ? pngChunk('iTXt', Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp) : []),
  ];
}

/** A chunk with its length and check. */
export function pngChunk(type: string, ...parts: readonly Uint8Array[]): Uint8Array[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
  const tagged = [Buffer.from(type, 'latin1'), ...parts];
  const check = Buffer.alloc(4);
  check.writeUInt32BE(tagged.reduce((sum, part) => crc32(part, sum), 0));
  return [length, ...tagged, check];
}

/** Rows, each after a byte that says "not filtered"; 16-bit samples with the high byte first. */
function scanLines({ width, height, channels, samples }: Raster): Uint8Array {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const pitch = width * channels * samples.BYTES_PER_ELEMENT;
  const lines = Buffer.alloc(height * (pitch + 1));
  for (let row = 0; row < height; row++) {
    const line = lines.subarray(row * (pitch + 1) + 1, (row + 1) * (pitch + 1));
    bytes.copy(line, 0, row * pitch, (row + 1) * pitch);
    if (samples.BYTES_PER_ELEMENT === 2) line.swap16();
  }
  return lines;
}

const IHDR = 8;

/** Bit depths of each colour type. */
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Width and height by the first chunk of a PNG file; `undefined` where it has none. */
export function pngSize(head: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.byteLength < IHDR + 25) return undefined;
  return { width: view.getUint32(IHDR + 8), height: view.getUint32(IHDR + 12) };
}

/**
 * What is wrong with the first chunk of a PNG file, which decoders believe; undefined where
 * nothing is.
 */
export function pngDamage(head: Uint8Array): string | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.byteLength < IHDR + 25) return 'the file ends in its header';
  if (view.getUint32(IHDR) !== 13 || view.getUint32(IHDR + 4) !== 0x49484452)
    return 'its first chunk is no header';
  if (view.getUint32(IHDR + 21) !== crc32(head.subarray(IHDR + 4, IHDR + 21)))
    return 'the header does not agree with its check';
  const [depth, colour] = [view.getUint8(IHDR + 16), view.getUint8(IHDR + 17)];
  if (view.getUint32(IHDR + 8) === 0 || view.getUint32(IHDR + 12) === 0) return 'it has no pixels';
  if (!depths[colour]?.includes(depth)) return `${depth} bits of colour type ${colour}`;
  return undefined;
}

/** "Differences to the pixel before", which suits photographs. */
const SUB = 1;

/** Writes a PNG file as its rows come. */
export async function openPngWriter(path: string, layout: ImageLayout): Promise<RasterWriter> {
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
