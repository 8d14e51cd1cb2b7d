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
