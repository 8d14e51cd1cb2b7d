import {
  findEntry,
  parseDirectory,
  parseTiffHeader,
  TiffDamage,
  type TiffDirectory,
  type TiffEntry,
  type TiffHeader,
  tiffTags,
  tiffTypes,
  viewOf,
  wholeNumbers,
} from '../images/tiff-structure.js';
import { InputError } from '../utils/errors.js';

const tags = {
  ...tiffTags,
  bits: 258,
  compression: 259,
  stripOffsets: 273,
  rowsPerStrip: 278,
  stripBytes: 279,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  activeArea: 50829,
} as const;
/** Far more than any camera writes. */
const mostPieces = 2 ** 20;
const mosaicPhotometric = 32803;
const uncompressed = 1;
const losslessJpeg = 7;
const endMarker = Uint8Array.of(0xff, 0xd9);
/** Bytes of samples that one byte of any other compression may stand for: those of deflate. */
const mostExpansion = 1032;

/**
 * Makes a DNG file safe for LibRaw 0.22; other files are left alone. All samples have to lie in the
 * file, as many as it claims: LibRaw fills in missing ones without an error. And it mixes up rows where lossless JPEGs
 * of several components lie in as many tiles across: there the sensor is made two columns narrower,
 * in place.
 * @param maxPixels of a mosaic beyond which its samples are not counted, as it is refused anyway.
 * @returns whether it was made narrower.
 * @throws InputError where a directory or samples lie beyond the end of the file, or there are
 * fewer samples than the file claims.
 */
export function prepareDng(
  name: string,
  bytes: Uint8Array,
  maxPixels = Number.POSITIVE_INFINITY,
): boolean {
  try {
    const file = readDng(bytes);
    const mosaics = file?.directories.filter((directory) => isMosaic(file, directory)) ?? [];
    let narrowed = false;
    for (const directory of mosaics) {
      checkSamples(name, file!, directory, maxPixels);
      if (!isMisread(file!, directory)) continue;
      narrow(file!, directory);
      narrowed = true;
    }
    return narrowed;
  } catch (cause) {
    if (!(cause instanceof TiffDamage)) throw cause;
    throw new InputError(name, `the file is damaged or cut off: ${cause.message}`, { cause });
  }
}

/** A DNG file and all its directories: the chain of the first one and everything below it. */
interface DngFile {
  readonly view: DataView;
  readonly header: TiffHeader;
  readonly directories: readonly TiffDirectory[];
}

const mostDirectories = 256;

/**
 * Finds the directories of a DNG file, each once, so that loops end.
 * @returns undefined where the bytes are no DNG file.
 * @throws TiffDamage where a directory or the values of a link lie outside the file.
 */
function readDng(bytes: Uint8Array): DngFile | undefined {
  const view = viewOf(bytes);
  const header = parseTiffHeader(view);
  if (header === undefined || header.isBig) return undefined;
  const directories: TiffDirectory[] = [];
  const file = { view, header, directories };
  const seen = new Set<number>();
  const open = [header.firstDirectory];
  while (open.length > 0) {
    const offset = open.shift()!;
    if (offset === 0 || seen.has(offset)) continue;
    if (seen.size === mostDirectories) throw new TiffDamage('it has too many directories');
    seen.add(offset);
    const directory = parseDirectory(view, header, offset);
    if (!directory.isComplete || directory.entries.length === 0)
      throw new TiffDamage('a directory lies beyond the end of the file');
    if (directories.length === 0 && findEntry(directory, tags.dngVersion) === undefined)
      return undefined;
    directories.push(directory);
    const below = valuesOf(file, directory, tags.subDirectories);
    if (below.length > mostDirectories) throw new TiffDamage('it has too many directories');
    open.push(...below, directory.next);
  }
  return file;
}

function valuesOf({ view, header }: DngFile, directory: TiffDirectory, tag: number): number[] {
  return wholeNumbers(view, header, findEntry(directory, tag));
}

function isMosaic(file: DngFile, directory: TiffDirectory): boolean {
  return valuesOf(file, directory, tags.photometric)[0] === mosaicPhotometric;
}

function checkSamples(
  name: string,
  file: DngFile,
  directory: TiffDirectory,
  maxPixels: number,
): void {
  const [offsets, sizes] =
    findEntry(directory, tags.tileOffsets) !== undefined
      ? [tags.tileOffsets, tags.tileBytes]
      : [tags.stripOffsets, tags.stripBytes];
  const starts = valuesOf(file, directory, offsets);
  const lengths = valuesOf(file, directory, sizes);
  if (starts.length === 0 || starts.length !== lengths.length)
    throw new InputError(name, 'the file is damaged: it does not say where its samples are');
  starts.forEach((start, index) => {
    if (start + lengths[index]! > file.view.byteLength)
      throw new InputError(name, 'the file is cut off: samples lie beyond its end');
  });
  const [width = 0] = valuesOf(file, directory, tags.width);
  const [height = 0] = valuesOf(file, directory, tags.height);
  if (width * height > maxPixels) return;
  const pieces = piecesOf(file, directory);
  if (starts.length < pieces.length)
    throw new InputError(
      name,
      `the file is damaged: it holds ${starts.length} of the ${pieces.length} pieces of its mosaic`,
    );
  const [compression] = valuesOf(file, directory, tags.compression);
  const [bits = 16] = valuesOf(file, directory, tags.bits);
  pieces.forEach((piece, index) => {
    if (
      !isWhole(file.view, { start: starts[index]!, length: lengths[index]! }, piece, {
        compression,
        bits,
      })
    )
      throw new InputError(
        name,
        `the file is damaged: its ${lengths[index]} bytes of piece ${index} cannot hold ${piece.width} x ${piece.height} samples`,
      );
  });
}

/** Samples of one strip or tile. */
interface Piece {
  readonly width: number;
  readonly height: number;
}

/** Where the bytes of a strip or tile lie. */
interface Extent {
  readonly start: number;
  readonly length: number;
}

/** The strips or tiles of which a mosaic of the claimed size consists. */
function piecesOf(file: DngFile, directory: TiffDirectory): Piece[] {
  const one = (tag: number): number => valuesOf(file, directory, tag)[0] ?? 0;
  const [width, height] = [one(tags.width), one(tags.height)];
  const isTiled = findEntry(directory, tags.tileOffsets) !== undefined;
  const wide = isTiled ? one(tags.tileWidth) : width;
  const tall = isTiled ? one(tags.tileHeight) : Math.min(one(tags.rowsPerStrip) || height, height);
  if (!(wide > 0 && tall > 0)) throw new TiffDamage('its mosaic has no size');
  const across = Math.ceil(width / wide);
  const count = across * Math.ceil(height / tall);
  if (count > mostPieces) throw new TiffDamage('its mosaic is in too many pieces');
  return Array.from({ length: count }, (_, index) => {
    const top = Math.floor(index / across) * tall;
    return { width: wide, height: isTiled ? tall : Math.min(tall, height - top) };
  });
}

/** Whether so many bytes can stand for all samples of a piece. */
function isWhole(
  view: DataView,
  { start, length }: Extent,
  { width, height }: Piece,
  { compression, bits }: { readonly compression: number | undefined; readonly bits: number },
): boolean {
  const rowBytes = Math.ceil((width * bits) / 8);
  if (compression === uncompressed) return length >= rowBytes * height;
  if (compression !== losslessJpeg) return length * mostExpansion >= rowBytes * height;
  // A code has one bit at least.
  if (8 * length < width * height) return false;
  const frame = jpegFrame(view, start);
  if (frame === undefined) return true;
  // Rows may be joined in pairs, so that the shape proves nothing.
  if (frame.columns * frame.rows * frame.components < width * height) return false;
  return 8 * (jpegEnd(view, frame.end, start + length) - start) >= width * height;
}

/** Where the coded data of a JPEG end: at its end marker, or where its bytes do. */
function jpegEnd(view: DataView, start: number, end: number): number {
  if (start >= end) return end;
  const coded = Buffer.from(view.buffer, view.byteOffset + start, end - start);
  const at = coded.indexOf(endMarker);
  return at < 0 ? end : start + at;
}

function isMisread(file: DngFile, directory: TiffDirectory): boolean {
  const [tileWidth] = valuesOf(file, directory, tags.tileWidth);
  const [width] = valuesOf(file, directory, tags.width);
  const [first] = valuesOf(file, directory, tags.tileOffsets);
  if (valuesOf(file, directory, tags.compression)[0] !== losslessJpeg) return false;
  if (tileWidth === undefined || width === undefined || first === undefined) return false;
  const frame = jpegFrame(file.view, first);
  return (
    frame !== undefined &&
    frame.components > 1 &&
    frame.columns * frame.components ** 2 === width &&
    tileWidth < width
  );
}

/** Size and components of a lossless JPEG, and the offset behind its header. */
interface JpegFrame {
  readonly columns: number;
  readonly rows: number;
  readonly components: number;
  readonly end: number;
}

function jpegFrame(view: DataView, start: number): JpegFrame | undefined {
  let at = start + 2;
  while (at + 10 <= view.byteLength && view.getUint8(at) === 0xff) {
    if (view.getUint8(at + 1) === 0xc3)
      return {
        columns: view.getUint16(at + 7),
        rows: view.getUint16(at + 5),
        components: view.getUint8(at + 9),
        end: at + 2 + view.getUint16(at + 2),
      };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function narrow(file: DngFile, directory: TiffDirectory): void {
  const widthEntry = findEntry(directory, tags.width)!;
  const width = valuesOf(file, directory, tags.width)[0]! - 2;
  store(file, widthEntry, 0, width);
  const right = valuesOf(file, directory, tags.activeArea)[3];
  if (right !== undefined && right > width)
    store(file, findEntry(directory, tags.activeArea)!, 3, width);
}

function store(
  { view, header }: DngFile,
  { type, valueOffset }: TiffEntry,
  index: number,
  value: number,
): void {
  if (type === tiffTypes.short) view.setUint16(valueOffset + 2 * index, value, header.littleEndian);
  else view.setUint32(valueOffset + 4 * index, value, header.littleEndian);
}
