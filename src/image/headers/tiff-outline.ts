import type { ByteReader } from './byte-reader.js';

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
/** Kinds of a page that is no picture of its own: reduced, mask. */
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
