import { InputError } from '../../tensor/errors.js';

/** Reads little-endian numbers and text one after the other, never beyond the end. */
export class PickleBytes {
  readonly name: string;
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, name: string) {
    this.name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A length; beyond 2^32 no file that is read has one. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Big-endian, as pickles write it. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** The next bytes, not copied. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(length: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.take(length));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw this.error('holds text that is no UTF-8');
    }
  }

  /** Up to the next line feed, which is consumed too. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.position);
    if (end < 0) throw this.error('is cut off');
    const line = this.text(end - this.position);
    this.position += 1;
    return line;
  }

  error(message: string): InputError {
    return new InputError(this.name, `its pickle ${message}`);
  }

  #advance(length: number): number {
    const start = this.position;
    if (!(length <= this.#bytes.length - start)) throw this.error('is cut off');
    this.position += length;
    return start;
  }
}
