import { InputError } from '../../tensor/errors.js';
import {
  readDirectories,
  TiffDamage,
  type TiffDirectory,
  type TiffEntry,
  type TiffFile,
  valuesOf,
} from './directories.js';

const tags = {
  width: 256,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  stripBytes: 279,
  tileWidth: 322,
  tileOffsets: 324,
  tileBytes: 325,
  dngVersion: 50706,
  activeArea: 50829,
} as const;
const mosaicPhotometric = 32803;
const losslessJpeg = 7;

/**
 * Makes a DNG file safe for LibRaw 0.22; other files are left alone. All samples have to lie in the
 * file: LibRaw fills what is cut off without complaint. And it mixes up rows where lossless JPEGs
 * of several components lie in as many tiles across: there the sensor is made two columns narrower,
 * in place.
 * @returns whether it was made narrower.
 * @throws InputError where a directory or samples lie beyond the end of the file.
 */
export function prepareDng(name: string, bytes: Uint8Array): boolean {
  try {
    const file = readDirectories(bytes, tags.dngVersion);
    const mosaics = file?.directories.filter((directory) => isMosaic(file, directory)) ?? [];
    let narrowed = false;
    for (const directory of mosaics) {
      checkSamples(name, file!, directory);
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

function isMosaic(file: TiffFile, directory: TiffDirectory): boolean {
  return valuesOf(file, directory, tags.photometric)[0] === mosaicPhotometric;
}

function checkSamples(name: string, file: TiffFile, directory: TiffDirectory): void {
  const [offsets, sizes] = directory.has(tags.tileOffsets)
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
}

function isMisread(file: TiffFile, directory: TiffDirectory): boolean {
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

/** Columns and components of a lossless JPEG. */
function jpegFrame(
  view: DataView,
  start: number,
): { readonly columns: number; readonly components: number } | undefined {
  let at = start + 2;
  while (at + 10 <= view.byteLength && view.getUint8(at) === 0xff) {
    if (view.getUint8(at + 1) === 0xc3)
      return { columns: view.getUint16(at + 7), components: view.getUint8(at + 9) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function narrow(file: TiffFile, directory: TiffDirectory): void {
  const widthEntry = directory.get(tags.width)!;
  const width = valuesOf(file, directory, tags.width)[0]! - 2;
  store(file, widthEntry, 0, width);
  const right = valuesOf(file, directory, tags.activeArea)[3];
  if (right !== undefined && right > width) store(file, directory.get(tags.activeArea)!, 3, width);
}

function store({ view, littleEndian }: TiffFile, entry: TiffEntry, index: number, value: number) {
  if (entry.type === 3) view.setUint16(entry.at + 2 * index, value, littleEndian);
  else view.setUint32(entry.at + 4 * index, value, littleEndian);
}
