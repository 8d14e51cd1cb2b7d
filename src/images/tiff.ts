import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { openAtomicFile } from '../files/write-atomic.js';
import type { ByteReader } from './format.js';
import { type Raster, withoutPrefix } from './png.js';
import type { ImageLayout, RasterWriter } from './streamed-writer.js';

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
  layout: ImageLayout,
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

/** Where a directory's bytes go. */
interface Sink {
  readonly length: number;
  append(part: Uint8Array): Promise<void>;
}

const exifDirectory = 0x8769;
const placeDirectory = 0x8825;
const exchangeDirectory = 0xa005;

/** Tags of a first EXIF directory that speak of the image, not of its pixels' layout. */
const described = new Set([
  0x010d, 0x010e, 0x010f, 0x0110, 0x011a, 0x011b, 0x0128, 0x0131, 0x0132, 0x013b, 0x013c, 0x4746,
  0x8298, 0x83bb,
]);

/**
 * Appends a directory with its values to a file.
 * @returns where it begins.
 */
export async function appendDirectory(
  file: Sink,
  entries: readonly TiffEntry[],
  isBig: boolean,
): Promise<number> {
  const inline = isBig ? 8 : 4;
  const places = new Map<TiffEntry, number>();
  for (const entry of entries) {
    if (entry.value.length <= inline) continue;
    await align(file);
    places.set(entry, file.length);
    await file.append(entry.value);
  }
  await align(file);
  const start = file.length;
  const width = isBig ? 20 : 12;
  const head = isBig ? 8 : 2;
  const table = Buffer.alloc(head + width * entries.length + (isBig ? 8 : 4));
  if (isBig) table.writeBigUInt64LE(BigInt(entries.length), 0);
  else table.writeUInt16LE(entries.length, 0);
  const sorted = [...entries].sort((a, b) => a.tag - b.tag);
  for (const [index, entry] of sorted.entries()) {
    const at = head + width * index;
    table.writeUInt16LE(entry.tag, at);
    table.writeUInt16LE(entry.type, at + 2);
    writeOffset(table, at + 4, entry.count, isBig);
    const place = places.get(entry);
    if (place === undefined) table.set(entry.value, at + 4 + inline);
    else writeOffset(table, at + 4 + inline, place, isBig);
  }
  await file.append(table);
  return start;
}

/** What of an EXIF block goes into the directory of a TIFF file; its own directories are appended. */
export async function appendExif(
  file: Sink,
  exif: Uint8Array,
  isBig: boolean,
): Promise<TiffEntry[]> {
  const block = withoutPrefix(exif);
  const first = readEntries(block);
  const kept = first.filter(({ tag }) => described.has(tag));
  for (const tag of [exifDirectory, placeDirectory]) {
    const entries = directoryOf(block, first, tag);
    if (entries.length === 0) continue;
    const own = entries.filter((entry) => entry.tag !== exchangeDirectory);
    kept.push(offsets(tag, [await appendDirectory(file, own, isBig)], isBig));
  }
  return kept;
}

function directoryOf(block: Uint8Array, entries: readonly TiffEntry[], tag: number): TiffEntry[] {
  const pointer = entries.find((entry) => entry.tag === tag && entry.type === longs(0).type);
  if (pointer?.value.length !== 4) return [];
  return readEntries(block, pointer.value.readUInt32LE(0));
}

/** Directories and values begin at even places. */
async function align(file: Sink): Promise<void> {
  if (file.length % 2 === 1) await file.append(new Uint8Array(1));
}

/** A number of four bytes, of eight in a BigTIFF file. */
export function writeOffset(table: Buffer, at: number, value: number, isBig: boolean): void {
  if (isBig) table.writeBigUInt64LE(BigInt(value), at);
  else table.writeUInt32LE(value, at);
}

/** An entry of a TIFF directory, its values as bytes, low byte first. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Buffer;
}

export const tiffTypes = { byte: 1, ascii: 2, short: 3, long: 4, undefined: 7, ifd: 13, long8: 16 };

/** Bytes of a value of each type, and of the numbers that it is made of. */
const sizes: Readonly<Record<number, readonly [value: number, number: number]>> = {
  1: [1, 1],
  2: [1, 1],
  3: [2, 2],
  4: [4, 4],
  5: [8, 4],
  6: [1, 1],
  7: [1, 1],
  8: [2, 2],
  9: [4, 4],
  10: [8, 4],
  11: [4, 4],
  12: [8, 8],
};

/** Entries of whole numbers below 2^16 or 2^32. */
export function shorts(tag: number, ...values: readonly number[]): TiffEntry {
  const value = Buffer.alloc(2 * values.length);
  for (const [index, number] of values.entries()) value.writeUInt16LE(number, 2 * index);
  return { tag, type: tiffTypes.short, count: values.length, value };
}

export function longs(tag: number, ...values: readonly number[]): TiffEntry {
  const value = Buffer.alloc(4 * values.length);
  for (const [index, number] of values.entries()) value.writeUInt32LE(number, 4 * index);
  return { tag, type: tiffTypes.long, count: values.length, value };
}

/** Offsets or lengths, of eight bytes each in a BigTIFF file. */
export function offsets(tag: number, values: readonly number[], isBig: boolean): TiffEntry {
  if (!isBig) return longs(tag, ...values);
  const value = Buffer.alloc(8 * values.length);
  for (const [index, number] of values.entries()) value.writeBigUInt64LE(BigInt(number), 8 * index);
  return { tag, type: tiffTypes.long8, count: values.length, value };
}

/**
 * The entries of a directory of a TIFF structure, such as an EXIF block; those that cannot be
 * followed are left out.
 * @param at where the directory is; default: the first one.
 */
export function readEntries(block: Uint8Array, at?: number): TiffEntry[] {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  if (view.byteLength < 8) return [];
  const isLittle = view.getUint16(0) === 0x4949;
  const directory = at ?? view.getUint32(4, isLittle);
  if (directory + 2 > view.byteLength) return [];
  const count = view.getUint16(directory, isLittle);
  const entries: TiffEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + 12 * index;
    if (entry + 12 > view.byteLength) break;
    const type = view.getUint16(entry + 2, isLittle);
    const size = sizes[type];
    if (size === undefined) continue;
    const values = view.getUint32(entry + 4, isLittle);
    const length = values * size[0];
    const start = length <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle);
    if (start + length > view.byteLength) continue;
    const value = Buffer.from(block.slice(start, start + length));
    if (!isLittle) swap(value, size[1]);
    entries.push({ tag: view.getUint16(entry, isLittle), type, count: values, value });
  }
  return entries;
}

function swap(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

/** What the directories of a TIFF file say of its pages. */
export interface TiffOutline {
  /** Pages that are no reduced copies of others and no masks. */
  readonly pages: number;
  /** Of the first page, 0 where it does not say. */
  readonly width: number;
  readonly height: number;
  /** Whether the file is a camera's RAW file, whose first page is a preview. */
  readonly isRaw: boolean;
}

const nothing: TiffOutline = { pages: 0, width: 0, height: 0, isRaw: false };

/** More directories than this are counted no further. */
const MOST_DIRECTORIES = 4096;
const MOST_ENTRIES = 4096;

const tags = {
  subfile: 254,
  width: 256,
  height: 257,
  photometric: 262,
  subDirectories: 330,
  dng: 50706,
};
/** Kinds of a page that is no image of its own: reduced, mask. */
const REDUCED = 1;
const MASK = 4;
/** Colour filter array and linear RAW. */
const rawPhotometrics = new Set([32803, 34892]);

/**
 * Follows the chain of directories of a TIFF or BigTIFF file. What cannot be followed ends it; the
 * decoder will say more.
 */
export async function tiffOutline(read: ByteReader): Promise<TiffOutline> {
  const head = view(await read(0, 16));
  if (head.byteLength < 8) return nothing;
  const isLittle = head.getUint16(0) === 0x4949;
  const isBig = head.getUint16(2, isLittle) === 43;
  if (isBig && head.byteLength < 16) return nothing;
  // "CR" marks Canon's files.
  let isRaw = !isBig && head.byteLength >= 10 && head.getUint16(8) === 0x4352;
  let pages = 0;
  let size = { width: 0, height: 0 };
  let place = isBig ? Number(head.getBigUint64(8, isLittle)) : head.getUint32(4, isLittle);
  const seen = new Set<number>();
  while (place > 0 && !seen.has(place) && seen.size < MOST_DIRECTORIES) {
    const isFirst = seen.size === 0;
    seen.add(place);
    const directory = await readDirectory(read, place, isLittle, isBig);
    if (directory === undefined) break;
    const { values, next } = directory;
    if (isFirst)
      size = { width: values.get(tags.width) ?? 0, height: values.get(tags.height) ?? 0 };
    const kind = values.get(tags.subfile) ?? 0;
    if ((kind & (REDUCED | MASK)) === 0 || isFirst) pages += 1;
    if (values.has(tags.dng) || rawPhotometrics.has(values.get(tags.photometric) ?? -1))
      isRaw = true;
    if (isFirst && (kind & REDUCED) !== 0 && values.has(tags.subDirectories)) isRaw = true;
    place = next;
  }
  return { pages, ...size, isRaw };
}

async function readDirectory(
  read: ByteReader,
  place: number,
  isLittle: boolean,
  isBig: boolean,
): Promise<{ values: Map<number, number>; next: number } | undefined> {
  const [countBytes, size, offsetBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  const head = view(await read(place, countBytes));
  if (head.byteLength < countBytes) return undefined;
  const count = isBig ? Number(head.getBigUint64(0, isLittle)) : head.getUint16(0, isLittle);
  if (count > MOST_ENTRIES) return undefined;
  const table = view(await read(place + countBytes, count * size + offsetBytes));
  if (table.byteLength < count * size) return undefined;
  const values = new Map<number, number>();
  for (let entry = 0; entry < count * size; entry += size) {
    const isShort = table.getUint16(entry + 2, isLittle) === 3;
    const at = entry + (isBig ? 12 : 8);
    const value = isShort ? table.getUint16(at, isLittle) : table.getUint32(at, isLittle);
    values.set(table.getUint16(entry, isLittle), value);
  }
  const at = count * size;
  const hasNext = table.byteLength === at + offsetBytes;
  if (!hasNext) return { values, next: 0 };
  const next = isBig ? Number(table.getBigUint64(at, isLittle)) : table.getUint32(at, isLittle);
  return { values, next };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
