/** How the header of a TIFF structure says that its numbers are stored. */
export interface TiffHeader {
  readonly littleEndian: boolean;
  /** BigTIFF: counts and offsets of eight bytes. */
  readonly isBig: boolean;
  /** Byte offset of the first directory, 0 where there is none. */
  readonly firstDirectory: number;
}

/** One entry of a directory: what it holds and where. Offsets are in bytes from the file's start. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Of the entry itself. */
  readonly offset: number;
  /** Of the field that holds the values, or their offset where they do not fit into it. */
  readonly fieldOffset: number;
  /** Of the first value. */
  readonly valueOffset: number;
}

/** The entries of a directory as far as they lie in the file. */
export interface TiffDirectory {
  readonly entries: readonly TiffEntry[];
  /** Whether all entries that it claims are there. */
  readonly isComplete: boolean;
  /** Offset of the link to the next directory; undefined where the file ends before it. */
  readonly linkOffset: number | undefined;
  /** Offset of the next directory, 0 where there is none. */
  readonly next: number;
}

/** The structure points outside the file. */
export class TiffDamage extends Error {}

export const tiffTypes = {
  byte: 1,
  ascii: 2,
  short: 3,
  long: 4,
  rational: 5,
  undefined: 7,
  ifd: 13,
  long8: 16,
} as const;

/** Bytes of a value by type; 0 for types that are not known. */
const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** Types of unsigned whole numbers: BYTE, SHORT, LONG, IFD, LONG8, IFD8. */
const wholeTypes = new Set([1, 3, 4, 13, 16, 18]);
/** Pairs of numbers, each half as long as the value. */
const rationalTypes = new Set([5, 10]);

/** Tags that more than one reader or writer needs. */
export const tiffTags = {
  width: 256,
  height: 257,
  photometric: 262,
  orientation: 274,
  subDirectories: 330,
  exifDirectory: 0x8769,
  gpsDirectory: 0x8825,
  dngVersion: 50706,
} as const;

const classicSizes = { count: 2, entry: 12, offset: 4 } as const;
const bigSizes = { count: 8, entry: 20, offset: 8 } as const;

/** Bytes of a directory's count, of an entry, and of an offset. */
export function tiffSizes({ isBig }: Pick<TiffHeader, 'isBig'>) {
  return isBig ? bigSizes : classicSizes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The header of a TIFF file, BigTIFF file or EXIF block (without its prefix).
 * @param view 16 bytes of it, or all where it has fewer.
 * @returns undefined where these bytes do not begin a TIFF structure.
 */
export function parseTiffHeader(view: DataView): TiffHeader | undefined {
  if (view.byteLength < 8) return undefined;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const littleEndian = order === 0x4949;
  const version = view.getUint16(2, littleEndian);
  if (version === 42)
    return { littleEndian, isBig: false, firstDirectory: view.getUint32(4, littleEndian) };
  if (version !== 43 || view.byteLength < 16) return undefined;
  return {
    littleEndian,
    isBig: true,
    firstDirectory: readOffset(view, 8, { littleEndian, isBig: true }),
  };
}

/** A number of four bytes, of eight in a BigTIFF file. */
function readOffset(
  view: DataView,
  at: number,
  { littleEndian, isBig }: Pick<TiffHeader, 'littleEndian' | 'isBig'>,
): number {
  return isBig ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
}

/** Entries that the directory at the start of a view claims; undefined where the view is too short. */
export function entryCount(view: DataView, header: TiffHeader, at = 0): number | undefined {
  if (at + tiffSizes(header).count > view.byteLength) return undefined;
  return header.isBig ? readOffset(view, at, header) : view.getUint16(at, header.littleEndian);
}

/**
 * Parses a directory; never reads outside the view.
 * @param offset of the directory in the file.
 * @param start offset of the view's first byte in the file.
 */
export function parseDirectory(
  view: DataView,
  header: TiffHeader,
  offset: number,
  start = 0,
): TiffDirectory {
  const sizes = tiffSizes(header);
  const { littleEndian } = header;
  const claimed = entryCount(view, header, offset - start);
  const entries: TiffEntry[] = [];
  let at = offset - start + sizes.count;
  for (
    ;
    claimed !== undefined && entries.length < claimed && at + sizes.entry <= view.byteLength;
    at += sizes.entry
  ) {
    const type = view.getUint16(at + 2, littleEndian);
    const count = readOffset(view, at + 4, header);
    const field = at + 4 + sizes.offset;
    const isInline = (typeSizes[type] ?? 0) * count <= sizes.offset;
    entries.push({
      tag: view.getUint16(at, littleEndian),
      type,
      count,
      offset: start + at,
      fieldOffset: start + field,
      valueOffset: isInline ? start + field : readOffset(view, field, header),
    });
  }
  const isComplete = entries.length === claimed;
  const hasLink = isComplete && at + sizes.offset <= view.byteLength;
  return {
    entries,
    isComplete,
    linkOffset: hasLink ? start + at : undefined,
    next: hasLink ? readOffset(view, at, header) : 0,
  };
}

/** The entry of a tag, the last where several have it. */
export function findEntry(directory: TiffDirectory, tag: number): TiffEntry | undefined {
  return directory.entries.findLast((entry) => entry.tag === tag);
}

/** More values than any reader here has use for. */
const MOST_VALUES = 2 ** 20;

/**
 * The values of an entry of an unsigned whole type; none where it is missing or of another type.
 * @param view of the whole file.
 * @throws TiffDamage where they lie outside the file.
 */
export function wholeNumbers(
  view: DataView,
  { littleEndian }: TiffHeader,
  entry: TiffEntry | undefined,
): number[] {
  if (entry === undefined || !wholeTypes.has(entry.type)) return [];
  const size = typeSizes[entry.type]!;
  if (entry.count > MOST_VALUES || entry.valueOffset + size * entry.count > view.byteLength)
    throw new TiffDamage(`the values of its tag ${entry.tag} lie beyond the end of the file`);
  return Array.from({ length: entry.count }, (_, index) => {
    const at = entry.valueOffset + size * index;
    if (size === 1) return view.getUint8(at);
    if (size === 2) return view.getUint16(at, littleEndian);
    return readOffset(view, at, { littleEndian, isBig: size === 8 });
  });
}

/** A directory entry to write, its values as bytes, low byte first. */
export interface TiffField {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: Buffer;
}

/**
 * The entries of a directory of an EXIF block as fields that can be written to another file.
 * Entries of unknown types and entries whose values lie outside the block are skipped.
 * @param offset of the directory; the first one by default.
 */
export function readFields(block: Uint8Array, offset?: number): TiffField[] {
  const view = viewOf(block);
  const header = parseTiffHeader(view);
  if (header === undefined) return [];
  const fields: TiffField[] = [];
  const { entries } = parseDirectory(view, header, offset ?? header.firstDirectory);
  for (const { tag, type, count, valueOffset } of entries) {
    const size = typeSizes[type] ?? 0;
    const end = valueOffset + size * count;
    if (size === 0 || end > block.length) continue;
    const value = Buffer.from(block.slice(valueOffset, end));
    if (!header.littleEndian) swapBytes(value, rationalTypes.has(type) ? size / 2 : size);
    fields.push({ tag, type, count, value });
  }
  return fields;
}

function swapBytes(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

/** A field of whole numbers below 2^16. */
export function shorts(tag: number, ...values: readonly number[]): TiffField {
  const value = Buffer.alloc(2 * values.length);
  for (const [index, number] of values.entries()) value.writeUInt16LE(number, 2 * index);
  return { tag, type: tiffTypes.short, count: values.length, value };
}

/** A field of whole numbers below 2^32. */
export function longs(tag: number, ...values: readonly number[]): TiffField {
  const value = Buffer.alloc(4 * values.length);
  for (const [index, number] of values.entries()) value.writeUInt32LE(number, 4 * index);
  return { tag, type: tiffTypes.long, count: values.length, value };
}

/** A field of offsets or lengths, of eight bytes each in a BigTIFF file. */
export function offsets(tag: number, values: readonly number[], isBig: boolean): TiffField {
  if (!isBig) return longs(tag, ...values);
  const value = Buffer.alloc(8 * values.length);
  for (const [index, number] of values.entries()) value.writeBigUInt64LE(BigInt(number), 8 * index);
  return { tag, type: tiffTypes.long8, count: values.length, value };
}

/** A number of four bytes, of eight in a BigTIFF file. */
export function writeOffset(table: Buffer, at: number, value: number, isBig: boolean): void {
  if (isBig) table.writeBigUInt64LE(BigInt(value), at);
  else table.writeUInt32LE(value, at);
}

/** Where a directory's bytes go. */
export interface ByteSink {
  readonly length: number;
  append(part: Uint8Array): Promise<void>;
}

/**
 * Appends a directory with its values, low byte first.
 * @returns the offset of the directory.
 */
export async function appendDirectory(
  sink: ByteSink,
  fields: readonly TiffField[],
  isBig: boolean,
): Promise<number> {
  const sizes = tiffSizes({ isBig });
  const valueOffsets = new Map<TiffField, number>();
  for (const field of fields) {
    if (field.value.length <= sizes.offset) continue;
    await align(sink);
    valueOffsets.set(field, sink.length);
    await sink.append(field.value);
  }
  await align(sink);
  const start = sink.length;
  const table = Buffer.alloc(sizes.count + sizes.entry * fields.length + sizes.offset);
  if (isBig) writeOffset(table, 0, fields.length, isBig);
  else table.writeUInt16LE(fields.length, 0);
  const sorted = [...fields].sort((a, b) => a.tag - b.tag);
  for (const [index, field] of sorted.entries()) {
    const at = sizes.count + sizes.entry * index;
    table.writeUInt16LE(field.tag, at);
    table.writeUInt16LE(field.type, at + 2);
    writeOffset(table, at + 4, field.count, isBig);
    const valueOffset = valueOffsets.get(field);
    if (valueOffset === undefined) table.set(field.value, at + 4 + sizes.offset);
    else writeOffset(table, at + 4 + sizes.offset, valueOffset, isBig);
  }
  await sink.append(table);
  return start;
}

/** Directories and values begin at even offsets. */
async function align(sink: ByteSink): Promise<void> {
  if (sink.length % 2 === 1) await sink.append(new Uint8Array(1));
}
