import { withoutPrefix } from '../png-container.js';
import { longs, offsets, readEntries, type TiffEntry } from './tiff-entries.js';

/** Where a directory's bytes go. */
interface Sink {
  readonly length: number;
  append(part: Uint8Array): Promise<void>;
}

const exifDirectory = 0x8769;
const placeDirectory = 0x8825;
const exchangeDirectory = 0xa005;

/** Tags of a first EXIF directory that speak of the picture, not of its pixels' layout. */
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
