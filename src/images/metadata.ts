import { appendDirectory, longs, offsets, shorts, type TiffEntry, tiffTypes } from './tiff.js';

const tags = {
  width: 0x0100,
  height: 0x0101,
  orientation: 0x0112,
  exifDirectory: 0x8769,
  pixelsAcross: 0xa002,
  pixelsDown: 0xa003,
};
const SHORT = 3;
const LONG = 4;

/**
 * A copy of an EXIF block that says "upright", for pixels that have been turned already, and has
 * no thumbnail, which would show the image as it was. What cannot be followed is copied as it is.
 * @param exif with or without the leading "Exif\0\0".
 */
export function uprightExif(exif: Uint8Array): Uint8Array {
  return patchedExif(exif, (block) => {
    const end = block.patch(block.first, { [tags.orientation]: 1 });
    if (end !== undefined && end + 4 <= block.view.byteLength)
      block.view.setUint32(end, 0, block.isLittle);
  });
}

/** A copy of an EXIF block whose entries of the image's size, if it has them, say this one. */
export function sizedExif(
  exif: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  return patchedExif(exif, (block) => {
    block.patch(block.first, { [tags.width]: width, [tags.height]: height });
    const inner = block.pointer(block.first, tags.exifDirectory);
    if (inner !== undefined)
      block.patch(inner, { [tags.pixelsAcross]: width, [tags.pixelsDown]: height });
  });
}

/** A TIFF structure that is changed in place, so that nothing in it moves. */
class Block {
  readonly view: DataView;
  readonly isLittle: boolean;
  readonly first: number;

  constructor(view: DataView) {
    this.view = view;
    this.isLittle = view.getUint16(0) === 0x4949;
    this.first = view.getUint32(4, this.isLittle);
  }

  /** Changes entries of a directory that stand for a single whole number; tells where it ends. */
  patch(directory: number, values: Readonly<Record<number, number>>): number | undefined {
    return this.#entries(directory, (tag, entry) => {
      const value = values[tag];
      const type = this.view.getUint16(entry + 2, this.isLittle);
      if (value === undefined || (type !== SHORT && type !== LONG)) return;
      const isShort = type === SHORT && value < 65536;
      this.view.setUint16(entry + 2, isShort ? SHORT : LONG, this.isLittle);
      this.view.setUint32(entry + 4, 1, this.isLittle);
      if (isShort) this.view.setUint16(entry + 8, value, this.isLittle);
      else this.view.setUint32(entry + 8, value, this.isLittle);
    });
  }

  pointer(directory: number, wanted: number): number | undefined {
    let found: number | undefined;
    this.#entries(directory, (tag, entry) => {
      if (tag === wanted) found = this.view.getUint32(entry + 8, this.isLittle);
    });
    return found;
  }

  #entries(directory: number, visit: (tag: number, entry: number) => void): number | undefined {
    const { view, isLittle } = this;
    if (directory + 2 > view.byteLength) return undefined;
    const count = view.getUint16(directory, isLittle);
    for (let index = 0; index < count; index += 1) {
      const entry = directory + 2 + 12 * index;
      if (entry + 12 > view.byteLength) return undefined;
      visit(view.getUint16(entry, isLittle), entry);
    }
    return directory + 2 + 12 * count;
  }
}

function patchedExif(exif: Uint8Array, change: (block: Block) => void): Uint8Array {
  const copy = Uint8Array.from(exif);
  const start = String.fromCharCode(...copy.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const view = new DataView(copy.buffer, start);
  if (view.byteLength >= 8) change(new Block(view));
  return copy;
}

/**
 * A copy of an XMP packet that says "upright", for pixels that have been turned already. A packet
 * that is no UTF-8 is copied as it is.
 */
export function uprightXmp(xmp: Uint8Array): Uint8Array {
  return patchedXmp(xmp, { 'tiff:Orientation': 1 });
}

/** A copy of an XMP packet whose statements of the image's size, if it has them, say this one. */
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

/** What is known of how an image was taken. */
export interface Exposure {
  readonly make?: string | undefined;
  readonly model?: string | undefined;
  readonly exposureSeconds?: number | undefined;
  /** The f-number. */
  readonly aperture?: number | undefined;
  readonly iso?: number | undefined;
}

const rational = 5;
const finest = 10_000;

/** An EXIF block, without its prefix, that says so; `undefined` where nothing is known. */
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

function text(tag: number, value: string | undefined): TiffEntry[] {
  if (value === undefined) return [];
  const bytes = Buffer.from(`${value}\0`, 'latin1');
  return [{ tag, type: tiffTypes.ascii, count: bytes.length, value: bytes }];
}

/** As one over a whole number, as cameras put it, or in ten thousandths. */
function ratio(tag: number, value: number | undefined): TiffEntry[] {
  if (value === undefined || !(value > 0 && value < 2 ** 31 / finest)) return [];
  const inverse = Math.round(1 / value);
  const isInverse = inverse > 1 && Math.abs(value * inverse - 1) < 1e-3;
  const [over, under] = isInverse ? [1, inverse] : [Math.round(value * finest), finest];
  const { value: bytes } = longs(tag, over, under);
  return [{ tag, type: rational, count: 1, value: bytes }];
}
