import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { openAtomicFile } from '../files/write-atomic.js';
import type { ReadRange } from './format.js';
import { withoutPrefix } from './metadata.js';
import type { ImageLayout, Raster, RasterWriter } from './raster.js';
import {
  appendDirectory,
  type ByteSink,
  entryCount,
  longs,
  offsets,
  parseDirectory,
  parseTiffHeader,
  readFields,
  shorts,
  type TiffField,
  type TiffHeader,
  tiffSizes,
  tiffTags,
  tiffTypes,
  viewOf,
  writeOffset,
} from './tiff-structure.js';

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
  const directory = async (): Promise<TiffField[]> => {
    const exifFields = exif === undefined ? [] : await appendExif(file, exif, isBig);
    const hasAlpha = channels % 2 === 0;
    return [
      ...exifFields,
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

function attached(tag: number, type: number, content: Uint8Array | undefined): TiffField[] {
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

/** Tags of a first EXIF directory that describe the image rather than the layout of its pixels. */
const descriptiveTags = new Set([
  0x010d, 0x010e, 0x010f, 0x0110, 0x011a, 0x011b, 0x0128, 0x0131, 0x0132, 0x013b, 0x013c, 0x4746,
  0x8298, 0x83bb,
]);
/** Points to a directory that states how the file may be exchanged, by offsets that would be wrong. */
const INTEROPERABILITY = 0xa005;

/**
 * Appends the EXIF and GPS directories of an EXIF block to a file.
 * @returns the fields that belong into the file's own directory.
 */
async function appendExif(sink: ByteSink, exif: Uint8Array, isBig: boolean): Promise<TiffField[]> {
  const block = withoutPrefix(exif);
  const first = readFields(block);
  const fields = first.filter(({ tag }) => descriptiveTags.has(tag));
  for (const tag of [tiffTags.exifDirectory, tiffTags.gpsDirectory]) {
    const pointer = first.find((field) => field.tag === tag && field.type === tiffTypes.long);
    if (pointer?.count !== 1) continue;
    const inner = readFields(block, pointer.value.readUInt32LE(0)).filter(
      (field) => field.tag !== INTEROPERABILITY,
    );
    if (inner.length > 0)
      fields.push(offsets(tag, [await appendDirectory(sink, inner, isBig)], isBig));
  }
  return fields;
}

/** Pages and kind of a TIFF file, from its directories. */
interface TiffOutline {
  /** Pages that are neither reduced copies of others nor masks. */
  readonly pages: number;
  /** Of the first page, 0 where it is not stated. */
  readonly width: number;
  readonly height: number;
  /** Whether the file is a camera's RAW file, whose first page is a preview. */
  readonly isRaw: boolean;
}

/** Directories beyond this number are not counted; a directory of more entries ends the file. */
const MOST_DIRECTORIES = 4096;
const MOST_ENTRIES = 4096;

const SUBFILE_TYPE = 254;
/** Bits of the subfile type. */
const REDUCED = 1;
const MASK = 4;
/** Colour filter array and linear RAW. */
const rawPhotometrics = new Set([32803, 34892]);

/**
 * Follows the chain of directories of a TIFF or BigTIFF file. Damage ends it; the decoder reports
 * that in its own words.
 */
export async function tiffOutline(read: ReadRange): Promise<TiffOutline> {
  const head = viewOf(await read(0, 16));
  const header = parseTiffHeader(head);
  if (header === undefined) return { pages: 0, width: 0, height: 0, isRaw: false };
  // "CR" marks Canon's files.
  let isRaw = !header.isBig && head.byteLength >= 10 && head.getUint16(8) === 0x4352;
  let pages = 0;
  let size = { width: 0, height: 0 };
  let offset = header.firstDirectory;
  const seen = new Set<number>();
  while (offset > 0 && !seen.has(offset) && seen.size < MOST_DIRECTORIES) {
    const isFirst = seen.size === 0;
    seen.add(offset);
    const directory = await readDirectory(read, header, offset);
    if (directory === undefined) break;
    const { values, next } = directory;
    if (isFirst)
      size = { width: values.get(tiffTags.width) ?? 0, height: values.get(tiffTags.height) ?? 0 };
    const kind = values.get(SUBFILE_TYPE) ?? 0;
    if ((kind & (REDUCED | MASK)) === 0 || isFirst) pages += 1;
    if (
      values.has(tiffTags.dngVersion) ||
      rawPhotometrics.has(values.get(tiffTags.photometric) ?? -1)
    )
      isRaw = true;
    if (isFirst && (kind & REDUCED) !== 0 && values.has(tiffTags.subDirectories)) isRaw = true;
    offset = next;
  }
  return { pages, ...size, isRaw };
}

/** The first value of each entry, as far as it stands in the entry, and the next directory. */
async function readDirectory(
  read: ReadRange,
  header: TiffHeader,
  offset: number,
): Promise<{ values: Map<number, number>; next: number } | undefined> {
  const sizes = tiffSizes(header);
  const count = entryCount(viewOf(await read(offset, sizes.count)), header);
  if (count === undefined || count > MOST_ENTRIES) return undefined;
  const table = viewOf(await read(offset, sizes.count + count * sizes.entry + sizes.offset));
  const { entries, isComplete, next } = parseDirectory(table, header, offset, offset);
  if (!isComplete) return undefined;
  const values = new Map<number, number>();
  for (const { tag, type, fieldOffset } of entries) {
    const at = fieldOffset - offset;
    const isShort = type === tiffTypes.short;
    values.set(
      tag,
      isShort ? table.getUint16(at, header.littleEndian) : table.getUint32(at, header.littleEndian),
    );
  }
  return { values, next };
}
