import { deflateSync } from 'node:zlib';
import type { Samples } from './case.js';

/** How a TIFF file is laid out; what is left out follows from the samples. */
export interface TiffLayout {
  readonly photometric?: number;
  readonly isBig?: boolean;
  /** High bytes first. */
  readonly isBigEndian?: boolean;
  readonly isPlanar?: boolean;
  readonly isDeflated?: boolean;
  /** Side of square tiles; default: strips of `rowsPerStrip` rows. */
  readonly tile?: number;
  readonly rowsPerStrip?: number;
  readonly extraSamples?: readonly number[];
  /** 1 whole numbers, 3 floating point. */
  readonly sampleFormat?: number;
  /** Tags besides, or in place of those that follow from the samples. */
  readonly tags?: Readonly<Record<number, TiffValue>>;
}

/** Values of a tag: whole numbers below 2^32, or bytes of a type. */
export type TiffValue = readonly number[] | { readonly type: number; readonly bytes: Uint8Array };

/** Directories of one file, each a page. */
export interface TiffPage {
  readonly samples: Samples;
  readonly layout?: TiffLayout;
}

/** A TIFF file, made by this code alone. */
export function buildTiff(samples: Samples, layout: TiffLayout = {}): Buffer {
  return buildPages([{ samples, layout }], layout);
}

/** A TIFF file of several pages. */
export function buildPages(
  pages: readonly TiffPage[],
  { isBig = false, isBigEndian = false }: Pick<TiffLayout, 'isBig' | 'isBigEndian'> = {},
): Buffer {
  const writer = new Writer(isBigEndian, isBig);
  let pointer = writer.header();
  for (const { samples, layout = {} } of pages) pointer = writer.page(samples, layout, pointer);
  return writer.finish();
}

class Writer {
  readonly #parts: Buffer[] = [];
  readonly #isBigEndian: boolean;
  readonly #isBig: boolean;
  #length = 0;

  constructor(isBigEndian: boolean, isBig: boolean) {
    this.#isBigEndian = isBigEndian;
    this.#isBig = isBig;
  }

  /** @returns the part that takes the place of the first directory. */
  header(): Buffer {
    const mark = Buffer.from(this.#isBigEndian ? 'MM' : 'II', 'latin1');
    this.#append(mark);
    this.#append(this.#number(this.#isBig ? 43 : 42, 2));
    if (this.#isBig) {
      this.#append(this.#number(8, 2));
      this.#append(this.#number(0, 2));
    }
    return this.#append(Buffer.alloc(this.#isBig ? 8 : 4));
  }

  /** @returns the part that takes the place of the next directory. */
  page(samples: Samples, layout: TiffLayout, pointer: Buffer): Buffer {
    const blocks = blocksOf(samples, layout, this.#isBigEndian);
    const places: number[] = [];
    const lengths: number[] = [];
    for (const block of blocks) {
      const stored = layout.isDeflated ? deflateSync(block) : block;
      this.#pad();
      places.push(this.#length);
      lengths.push(stored.length);
      this.#append(stored);
    }
    const entries = Object.entries({
      ...baseTags(samples, layout, places, lengths),
      ...layout.tags,
    }).map(([tag, value]) => this.#entry(Number(tag), value));
    this.#pad();
    pointer.set(this.#number(this.#length, pointer.length));
    this.#append(this.#number(entries.length, this.#isBig ? 8 : 2));
    for (const entry of entries) this.#append(entry);
    return this.#append(Buffer.alloc(this.#isBig ? 8 : 4));
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #entry(tag: number, value: TiffValue): Buffer {
    const isBytes = !Array.isArray(value);
    const { type, bytes } = isBytes
      ? (value as { type: number; bytes: Uint8Array })
      : { type: 4, bytes: Buffer.concat((value as number[]).map((own) => this.#number(own, 4))) };
    const size = this.#isBig ? 8 : 4;
    const count = isBytes ? bytes.length / (type === 3 ? 2 : 1) : (value as number[]).length;
    const inline = Buffer.alloc(size);
    if (bytes.length <= size) inline.set(bytes);
    else {
      this.#pad();
      inline.set(this.#number(this.#length, size));
      this.#append(Buffer.from(bytes));
    }
    return Buffer.concat([
      this.#number(tag, 2),
      this.#number(type, 2),
      this.#number(count, size),
      inline,
    ]);
  }

  #number(value: number, size: number): Buffer {
    const bytes = Buffer.alloc(size);
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeUIntLE(value, 0, size);
    return this.#isBigEndian ? bytes.reverse() : bytes;
  }

  #append(part: Buffer): Buffer {
    this.#parts.push(part);
    this.#length += part.length;
    return part;
  }

  #pad(): void {
    if (this.#length % 2 === 1) this.#append(Buffer.alloc(1));
  }
}

function baseTags(
  { width, height, channels, bits }: Samples,
  layout: TiffLayout,
  places: readonly number[],
  lengths: readonly number[],
): Record<number, TiffValue> {
  const { photometric = channels >= 3 ? 2 : 1, extraSamples = [], tile } = layout;
  return {
    256: [width],
    257: [height],
    258: new Array<number>(channels).fill(bits),
    259: [layout.isDeflated ? 8 : 1],
    262: [photometric],
    277: [channels],
    284: [layout.isPlanar ? 2 : 1],
    339: new Array<number>(channels).fill(layout.sampleFormat ?? 1),
    ...(extraSamples.length > 0 && { 338: extraSamples }),
    ...(tile === undefined
      ? { 273: places, 278: [layout.rowsPerStrip ?? height], 279: lengths }
      : { 322: [tile], 323: [tile], 324: places, 325: lengths }),
  };
}

/** Bytes of the strips or tiles in order. */
function blocksOf(samples: Samples, layout: TiffLayout, isBigEndian: boolean): Buffer[] {
  const { width, height, channels } = samples;
  const { tile, rowsPerStrip = height, isPlanar = false } = layout;
  const planes = isPlanar
    ? Array.from({ length: channels }, (_, channel) => [channel])
    : [undefined];
  const [tall, wide] = tile === undefined ? [rowsPerStrip, width] : [tile, tile];
  return planes.flatMap((plane) => {
    const blocks: Buffer[] = [];
    for (let top = 0; top < height; top += tall)
      for (let left = 0; left < width; left += wide) {
        const rows = tile === undefined ? Math.min(tall, height - top) : tall;
        const rectangle = { top, left, height: rows, width: wide };
        blocks.push(packed(samples, rectangle, plane, isBigEndian));
      }
    return blocks;
  });
}

function packed(
  { width, height, channels, bits, values }: Samples,
  rectangle: { top: number; left: number; height: number; width: number },
  plane: readonly number[] | undefined,
  isBigEndian: boolean,
): Buffer {
  const own = plane ?? Array.from({ length: channels }, (_, channel) => channel);
  const pitch = Math.ceil((rectangle.width * own.length * bits) / 8);
  const bytes = Buffer.alloc(pitch * rectangle.height);
  for (let y = 0; y < rectangle.height; y += 1)
    for (let x = 0; x < rectangle.width; x += 1)
      for (const [index, channel] of own.entries()) {
        const row = Math.min(height - 1, rectangle.top + y);
        const column = Math.min(width - 1, rectangle.left + x);
        const value = values[(row * width + column) * channels + channel]!;
        const bit = (x * own.length + index) * bits;
        const at = y * pitch + (bit >> 3);
        if (bits === 32) bytes.writeFloatLE(value, at);
        else if (bits === 16 && isBigEndian) bytes.writeUInt16BE(value, at);
        else if (bits === 16) bytes.writeUInt16LE(value, at);
        else bytes[at]! |= value << (8 - bits - (bit & 7));
      }
  return bytes;
}
