import { closeSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { openAnew, openToUpdate } from '../../files/output-file.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError, OutputError } from '../../utils/errors.js';

/** A crop as the frozen restorer restored it, and as it should be: sRGB images [3, S, S]. */
export interface RestoredCrop {
  readonly restored: Tensor;
  readonly target: Tensor;
}

/** Crops that were restored once, so that steps need not do it again. */
export interface CropCache {
  readonly count: number;
  /** @throws InputError where the crop is not there or damaged. */
  read(index: number): RestoredCrop;
}

/** Which crops a file holds. */
export interface CacheContent {
  /** Digest of everything that the crops depend on. */
  readonly key: string;
  readonly count: number;
  /** Side of a crop in pixels. */
  readonly crop: number;
}

const HEADER_BYTES = 512;
/** Before every crop lies the CRC-32 of its bytes; where nothing was written it is wrong. */
const CHECK_BYTES = 4;

/** Bytes of a whole file. */
export function cacheFileBytes({ count, crop }: Pick<CacheContent, 'count' | 'crop'>): number {
  return HEADER_BYTES + count * (CHECK_BYTES + cropBytes(crop));
}

/** A file of restored crops that is being made or mended. */
export interface CacheFile {
  /** The crops that are missing or damaged. */
  missing(): Promise<number[]>;
  /** @throws OutputError where it cannot be written. */
  write(index: number, crop: RestoredCrop): Promise<void>;
  /** Flushes the file to the disk. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file of restored crops, which is begun anew where it is not there or of other content.
 * @throws OutputError where it cannot be written.
 */
export async function openCacheFile(path: string, content: CacheContent): Promise<CacheFile> {
  const file = await guarded(path, async () => {
    const known = await openToUpdate(path).catch(() => undefined);
    if (known !== undefined && (await headerOf(known)) === headerText(content)) return known;
    await known?.close();
    const fresh = await openAnew(path);
    await fresh.write(headerText(content), 0, 'latin1');
    return fresh;
  });
  const place = new Places(content);
  return {
    missing: async () => {
      const buffer = new Uint8Array(place.size);
      const lacking: number[] = [];
      for (let index = 0; index < content.count; index += 1) {
        const { bytesRead } = await file.read(buffer, 0, place.size, place.of(index));
        if (bytesRead < place.size || !isSound(buffer)) lacking.push(index);
      }
      return lacking;
    },
    write: (index, crop) =>
      guarded(path, async () => {
        const bytes = encodeCrop(crop);
        const record = new Uint8Array(place.size);
        new DataView(record.buffer).setUint32(0, crc32(bytes), true);
        record.set(bytes, CHECK_BYTES);
        await file.write(record, 0, place.size, place.of(index));
      }),
    finish: () => guarded(path, () => file.sync()),
    close: () => file.close(),
  };
}

/** A file of restored crops to read from; it is opened at the first crop. */
export class CropCacheReader implements CropCache {
  readonly #path: string;
  readonly #content: CacheContent;
  readonly #places: Places;
  #file: number | undefined;

  constructor(path: string, content: CacheContent) {
    this.#path = path;
    this.#content = content;
    this.#places = new Places(content);
  }

  get count(): number {
    return this.#content.count;
  }

  read(index: number): RestoredCrop {
    const { size } = this.#places;
    const record = new Uint8Array(size);
    try {
      this.#file ??= openSync(this.#path, 'r');
      readSync(this.#file, record, 0, size, this.#places.of(index));
    } catch (cause) {
      throw new InputError(this.#path, 'restored crops cannot be read; resume the run', { cause });
    }
    if (!isSound(record))
      throw new InputError(this.#path, `restored crop ${index} is damaged; resume the run`);
    return decodeCrop(record.subarray(CHECK_BYTES), this.#content.crop);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

class Places {
  /** Bytes of a crop with its check. */
  readonly size: number;

  constructor({ crop }: CacheContent) {
    this.size = CHECK_BYTES + cropBytes(crop);
  }

  of(index: number): number {
    return HEADER_BYTES + index * this.size;
  }
}

function isSound(record: Uint8Array): boolean {
  const check = new DataView(record.buffer, record.byteOffset).getUint32(0, true);
  return crc32(record.subarray(CHECK_BYTES)) === check;
}

function headerText({ key, count, crop }: CacheContent): string {
  const facts = JSON.stringify({ format: 'dp-ir restored crops 1', key, count, crop });
  return `${facts.padEnd(HEADER_BYTES - 1)}\n`;
}

async function headerOf(file: FileHandle): Promise<string> {
  const buffer = new Uint8Array(HEADER_BYTES);
  await file.read(buffer, 0, HEADER_BYTES, 0);
  return Buffer.from(buffer).toString('latin1');
}

async function guarded<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new OutputError(path, 'restored crops cannot be written', { cause });
  }
}

/**
 * Values are kept in 16 bits from -1 to 2.21. Bytes of images, multiples of 1/255, come back with
 * the very bits they had; other values within 1/40800.
 */
const STEPS_PER_UNIT = 255 * 80;
const LOWEST = -1;
const MOST = 0xffff;

const decoded = Float32Array.from(
  { length: MOST + 1 },
  (_, code) => code / STEPS_PER_UNIT + LOWEST,
);

/** Bytes of a restored crop of `side` pixels. */
function cropBytes(side: number): number {
  return 2 * 2 * 3 * side * side;
}

/** A restored crop as bytes: the restored values, then the target's, little-endian. */
export function encodeCrop({ restored, target }: RestoredCrop): Uint8Array {
  const values = restored.data.length;
  const bytes = new Uint8Array(4 * values);
  const view = new DataView(bytes.buffer);
  for (const [part, { data }] of [restored, target].entries())
    for (let i = 0; i < values; i += 1) {
      const code = Math.round((data[i]! - LOWEST) * STEPS_PER_UNIT);
      view.setUint16(2 * (part * values + i), Math.min(MOST, Math.max(0, code)), true);
    }
  return bytes;
}

/** The inverse of `encodeCrop` for crops of `side` pixels. */
export function decodeCrop(bytes: Uint8Array, side: number): RestoredCrop {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = 3 * side * side;
  const part = (first: number): Tensor => {
    const image = tensor([3, side, side]);
    for (let i = 0; i < values; i += 1)
      image.data[i] = decoded[view.getUint16(2 * (first + i), true)]!;
    return image;
  };
  return { restored: part(0), target: part(values) };
}
