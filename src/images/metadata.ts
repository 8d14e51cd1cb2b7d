import {
  appendDirectory,
  findEntry,
  longs,
  offsets,
  parseDirectory,
  parseTiffHeader,
  shorts,
  type TiffDirectory,
  type TiffField,
  type TiffHeader,
  tiffTags,
  tiffTypes,
  viewOf,
} from './tiff-structure.js';

/** Metadata of an image file, byte for byte as stored there. */
export interface ImageMetadata {
  readonly icc?: Uint8Array;
  /** With or without the leading "Exif\0\0". */
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
}

/** An EXIF block as a TIFF structure, without the leading "Exif\0\0". */
export function withoutPrefix(exif: Uint8Array): Uint8Array {
  return String.fromCharCode(...exif.subarray(0, 6)) === 'Exif\0\0' ? exif.subarray(6) : exif;
}

const PIXEL_WIDTH = 0xa002;
const PIXEL_HEIGHT = 0xa003;

/**
 * A copy of an EXIF block with the orientation "upright", for pixels that have been rotated, and
 * without its thumbnail, which would show the image as it was. A damaged block is copied unchanged.
 * @param exif with or without the leading "Exif\0\0".
 */
export function uprightExif(exif: Uint8Array): Uint8Array {
  return patchedExif(exif, (view, header) => {
    const directory = parseDirectory(view, header, header.firstDirectory);
    patchEntries(view, header, directory, { [tiffTags.orientation]: 1 });
    if (directory.linkOffset !== undefined)
      view.setUint32(directory.linkOffset, 0, header.littleEndian);
  });
}

/** A copy of an EXIF block whose entries of the image's size, if it has them, state this one. */
export function sizedExif(
  exif: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  return patchedExif(exif, (view, header) => {
    const directory = parseDirectory(view, header, header.firstDirectory);
    patchEntries(view, header, directory, { [tiffTags.width]: width, [tiffTags.height]: height });
    const pointer = findEntry(directory, tiffTags.exifDirectory);
    if (pointer === undefined) return;
    const offset = view.getUint32(pointer.fieldOffset, header.littleEndian);
    const inner = parseDirectory(view, header, offset);
    patchEntries(view, header, inner, { [PIXEL_WIDTH]: width, [PIXEL_HEIGHT]: height });
  });
}

/** Replaces the values of SHORT and LONG entries by single whole numbers; no entry moves. */
function patchEntries(
  view: DataView,
  { littleEndian }: TiffHeader,
  { entries }: TiffDirectory,
  values: Readonly<Record<number, number>>,
): void {
  const { short, long } = tiffTypes;
  for (const { tag, type, offset, fieldOffset } of entries) {
    const value = values[tag];
    if (value === undefined || (type !== short && type !== long)) continue;
    const isShort = type === short && value < 65536;
    view.setUint16(offset + 2, isShort ? short : long, littleEndian);
    view.setUint32(offset + 4, 1, littleEndian);
    if (isShort) view.setUint16(fieldOffset, value, littleEndian);
    else view.setUint32(fieldOffset, value, littleEndian);
  }
}

function patchedExif(
  exif: Uint8Array,
  patch: (view: DataView, header: TiffHeader) => void,
): Uint8Array {
  const copy = Uint8Array.from(exif);
  const view = viewOf(withoutPrefix(copy));
  const header = parseTiffHeader(view);
  if (header !== undefined && !header.isBig) patch(view, header);
  return copy;
}

/**
 * A copy of an XMP packet with the orientation "upright", for pixels that have been rotated. A packet
 * that is not UTF-8 is copied unchanged.
 */
export function uprightXmp(xmp: Uint8Array): Uint8Array {
  return patchedXmp(xmp, { 'tiff:Orientation': 1 });
}

/** A copy of an XMP packet whose properties for the image's size, if it has them, state this one. */
export function sizedXmp(
  xmp: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  return patchedXmp(xmp, {
    'tiff:ImageWidth': width,
    'tiff:ImageLength': height,
    'exif:PixelXDimension': width,
    'exif:PixelYDimension': height,
  });
}

/** Changes numbers that stand as attributes or as elements. */
function patchedXmp(xmp: Uint8Array, values: Readonly<Record<string, number>>): Uint8Array {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(xmp);
  } catch {
    return Uint8Array.from(xmp);
  }
  for (const [name, value] of Object.entries(values))
    text = text
      .replace(new RegExp(`(\\s${name}\\s*=\\s*["'])\\d+(["'])`, 'g'), `$1${value}$2`)
      .replace(new RegExp(`(<${name}>\\s*)\\d+(\\s*</${name}>)`, 'g'), `$1${value}$2`);
  return new TextEncoder().encode(text);
}

/** How an image was taken, as far as known. */
export interface Exposure {
  readonly make?: string | undefined;
  readonly model?: string | undefined;
  readonly exposureSeconds?: number | undefined;
  /** The f-number. */
  readonly aperture?: number | undefined;
  readonly iso?: number | undefined;
}

const denominator = 10_000;

/** An EXIF block, without its prefix, that states an exposure; undefined where nothing is known. */
export async function exifBlock(exposure: Exposure): Promise<Uint8Array | undefined> {
  const { make, model, exposureSeconds, aperture, iso } = exposure;
  const first = [...text(0x010f, make), ...text(0x0110, model)];
  const inner = [
    ...ratio(0x829a, exposureSeconds),
    ...ratio(0x829d, aperture),
    ...(iso === undefined ? [] : [shorts(0x8827, Math.min(65535, Math.round(iso)))]),
  ];
  if (first.length + inner.length === 0) return undefined;
  const parts: Uint8Array[] = [];
  const sink = {
    length: 0,
    append: async (part: Uint8Array) => {
      parts.push(part);
      sink.length += part.length;
    },
  };
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  await sink.append(head);
  if (inner.length > 0)
    first.push(offsets(0x8769, [await appendDirectory(sink, inner, false)], false));
  head.writeUInt32LE(await appendDirectory(sink, first, false), 4);
  return Buffer.concat(parts);
}

function text(tag: number, value: string | undefined): TiffField[] {
  if (value === undefined) return [];
  const bytes = Buffer.from(`${value}\0`, 'latin1');
  return [{ tag, type: tiffTypes.ascii, count: bytes.length, value: bytes }];
}

/** As one over a whole number, as cameras put it, or in ten thousandths. */
function ratio(tag: number, value: number | undefined): TiffField[] {
  if (value === undefined || !(value > 0 && value < 2 ** 31 / denominator)) return [];
  const inverse = Math.round(1 / value);
  const isInverse = inverse > 1 && Math.abs(value * inverse - 1) < 1e-3;
  const [over, under] = isInverse ? [1, inverse] : [Math.round(value * denominator), denominator];
  const { value: bytes } = longs(tag, over, under);
  return [{ tag, type: tiffTypes.rational, count: 1, value: bytes }];
}
