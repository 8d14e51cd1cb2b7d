import { ModelError } from '../../utils/errors.js';
import { ByteReader, quoted } from './byte-reader.js';

const LARGEST_DIRECTORY = 65_536;
const LONGEST_NAME = 1024;
const LONGEST_COMMENT = 65_535;
const IN_ZIP64 = 0xffffffff;

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const ZIP64_DIRECTORY_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;

/** The files inside a zip archive whose entries are stored, not compressed. */
interface ZipArchive {
  readonly names: ReadonlySet<string>;
  /**
   * The content of an entry, not copied.
   * @throws ModelError where there is no such entry or its checksum is wrong.
   */
  read(name: string): Uint8Array;
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly checksum: number;
  readonly headerAt: number;
}

interface Placed extends Entry {
  readonly start: number;
}

/**
 * Reads the directory of a zip archive (PKWARE's APPNOTE 6.3, ZIP64 included).
 * @param file what messages call it.
 * @throws ModelError where the archive is cut off, its entries overlap, repeat a name, lie outside
 * of the file, or are compressed or encrypted.
 */
export function openZip(bytes: Uint8Array, file: string): ZipArchive {
  const { directoryAt, directorySize, count } = findDirectory(bytes, file);
  const reader = new ByteReader(bytes.subarray(0, directoryAt + directorySize), file);
  reader.position = directoryAt;
  const entries = new Map<string, Placed>();
  for (let index = 0; index < count; index++) {
    const entry = readEntry(reader);
    if (entries.has(entry.name)) throw new ModelError(file, `has two entries ${entry.name}`);
    entries.set(entry.name, { ...entry, start: placeOf(entry, bytes, directoryAt, file) });
  }
  requireApart([...entries.values()], file);
  return {
    names: new Set(entries.keys()),
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw new ModelError(file, `lacks the entry ${quoted(name)}`);
      const content = bytes.subarray(entry.start, entry.start + entry.size);
      if (crc32(content) !== entry.checksum)
        throw new ModelError(file, `the entry ${quoted(name)} is damaged: its checksum is wrong`);
      return content;
    },
  };
}

function findDirectory(bytes: Uint8Array, file: string) {
  const reader = new ByteReader(bytes, file);
  const endAt = findEnd(reader);
  reader.position = endAt + 8;
  reader.uint16();
  let count = reader.uint16();
  let directorySize = reader.uint32();
  let directoryAt = reader.uint32();
  if (endAt >= 20) {
    reader.position = endAt - 20;
    if (reader.uint32() === ZIP64_LOCATOR) {
      reader.position += 4;
      reader.position = reader.uint64();
      if (reader.left < 56 || reader.uint32() !== ZIP64_DIRECTORY_END)
        throw new ModelError(file, 'its ZIP64 directory is not where the archive says');
      reader.position += 28;
      count = reader.uint64();
      directorySize = reader.uint64();
      directoryAt = reader.uint64();
    }
  }
  if (count > LARGEST_DIRECTORY)
    throw new ModelError(file, `has ${count} entries, more than ${LARGEST_DIRECTORY}`);
  if (directoryAt + directorySize > endAt)
    throw new ModelError(file, 'its zip directory reaches beyond its end');
  return { directoryAt, directorySize, count };
}

function findEnd(reader: ByteReader): number {
  const last = reader.bytes.length - 22;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (reader.bytes[at] !== 0x50) continue;
    reader.position = at;
    if (reader.uint32() !== DIRECTORY_END) continue;
    reader.position = at + 20;
    if (reader.uint16() === last - at) return at;
  }
  throw new ModelError(reader.file, 'is cut off: the zip archive has no directory at its end');
}

function readEntry(reader: ByteReader): Entry {
  const { file } = reader;
  if (reader.uint32() !== DIRECTORY_ENTRY)
    throw new ModelError(file, 'its zip directory is damaged');
  reader.position += 4;
  const flags = reader.uint16();
  const method = reader.uint16();
  reader.position += 4;
  const checksum = reader.uint32();
  const packed = reader.uint32();
  const unpacked = reader.uint32();
  const nameLength = reader.uint16();
  const extraLength = reader.uint16();
  const commentLength = reader.uint16();
  reader.position += 8;
  const offset = reader.uint32();
  if (nameLength > LONGEST_NAME)
    throw new ModelError(file, `an entry has a name of ${nameLength} bytes`);
  const name = reader.text(nameLength);
  const extra = zip64Field(new ByteReader(reader.take(extraLength), file));
  reader.take(commentLength);
  const wide = (value: number) => (value !== IN_ZIP64 ? value : extra.uint64());
  const size = wide(unpacked);
  const packedSize = wide(packed);
  const headerAt = wide(offset);
  if ((flags & 1) !== 0) throw new ModelError(file, `the entry ${quoted(name)} is encrypted`);
  if (method !== 0)
    throw new ModelError(
      file,
      `the entry ${quoted(name)} is compressed (method ${method}); expected stored entries as torch.save writes them`,
    );
  if (packedSize !== size)
    throw new ModelError(
      file,
      `the entry ${quoted(name)} is stored, yet states ${packedSize} and ${size} bytes`,
    );
  return { name, size, checksum, headerAt };
}

/** What the ZIP64 extra field holds; empty where there is none. */
function zip64Field(extra: ByteReader): ByteReader {
  while (extra.left >= 4) {
    const id = extra.uint16();
    const content = extra.take(extra.uint16());
    if (id === 1) return new ByteReader(content, extra.file);
  }
  return new ByteReader(new Uint8Array(0), extra.file);
}

function placeOf(entry: Entry, bytes: Uint8Array, end: number, file: string): number {
  const outside = () =>
    new ModelError(file, `the entry ${quoted(entry.name)} lies outside of the file`);
  if (entry.headerAt > end - 30) throw outside();
  const reader = new ByteReader(bytes, file);
  reader.position = entry.headerAt;
  if (reader.uint32() !== LOCAL_HEADER)
    throw new ModelError(file, `the entry ${quoted(entry.name)} is not where the directory says`);
  reader.position += 22;
  const nameLength = reader.uint16();
  const extraLength = reader.uint16();
  const start = entry.headerAt + 30 + nameLength + extraLength;
  if (start + entry.size > end) throw outside();
  if (reader.text(nameLength) !== entry.name)
    throw new ModelError(
      file,
      `the entry ${quoted(entry.name)} has another name in its own header`,
    );
  return start;
}

function requireApart(entries: readonly Placed[], file: string): void {
  const ordered = [...entries].sort((a, b) => a.headerAt - b.headerAt);
  for (const [index, entry] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next !== undefined && entry.start + entry.size > next.headerAt)
      throw new ModelError(
        file,
        `the entries ${quoted(entry.name)} and ${quoted(next.name)} overlap`,
      );
  }
}

/** Tables[k][b] is the CRC of byte b followed by k zero bytes. */
const tables = makeTables();

/** CRC-32 of ISO 3309 as zip files state it, four bytes at a time. */
export function crc32(bytes: Uint8Array): number {
  const [one, two, three, four] = tables;
  const whole = bytes.length - (bytes.length % 4);
  let crc = 0xffffffff;
  let index = 0;
  for (; index < whole; index += 4) {
    crc ^=
      bytes[index]! |
      (bytes[index + 1]! << 8) |
      (bytes[index + 2]! << 16) |
      (bytes[index + 3]! << 24);
    crc =
      four![crc & 255]! ^
      three![(crc >>> 8) & 255]! ^
      two![(crc >>> 16) & 255]! ^
      one![crc >>> 24]!;
  }
  for (; index < bytes.length; index++) crc = one![(crc ^ bytes[index]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    first[byte] = crc;
  }
  const all = [first];
  for (let zeros = 1; zeros < 4; zeros++)
    all.push(all[zeros - 1]!.map((crc) => first[crc & 255]! ^ (crc >>> 8)));
  return all;
}
