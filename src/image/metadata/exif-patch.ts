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
 * no thumbnail, which would show the picture as it was. What cannot be followed is copied as it is.
 * @param exif with or without the leading "Exif\0\0".
 */
export function uprightExif(exif: Uint8Array): Uint8Array {
  return patched(exif, (block) => {
    const end = block.patch(block.first, { [tags.orientation]: 1 });
    if (end !== undefined && end + 4 <= block.view.byteLength)
      block.view.setUint32(end, 0, block.isLittle);
  });
}

/** A copy of an EXIF block whose entries of the picture's size, if it has them, say this one. */
export function sizedExif(
  exif: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  return patched(exif, (block) => {
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

function patched(exif: Uint8Array, change: (block: Block) => void): Uint8Array {
  const copy = Uint8Array.from(exif);
  const start = String.fromCharCode(...copy.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const view = new DataView(copy.buffer, start);
  if (view.byteLength >= 8) change(new Block(view));
  return copy;
}
