import { type DpirError, type ErrorFacts, ModelError } from '../../utils/errors.js';

/** Makes the error for a fault in the file that is read. */
export type Fail = (
  message: string,
  details?: Omit<ErrorFacts<'input' | 'model'>, 'code'>,
) => DpirError;

/** A class of errors about a file, such as `ModelError`. */
export type FileErrorType = new (
  file: string,
  message: string,
  details?: Omit<ErrorFacts<'input' | 'model'>, 'code'>,
) => DpirError;

/** Reads little-endian values in sequence and throws an error of the given type beyond the end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  position = 0;
  /** What messages call the file. */
  readonly file: string;
  /** Makes an error about the file. */
  readonly error: Fail;
  readonly #view: DataView;

  /** @param errorType what faults of the file throw. */
  constructor(bytes: Uint8Array, file: string, errorType: FileErrorType = ModelError) {
    this.bytes = bytes;
    this.file = file;
    this.error = (message, details) => new errorType(file, message, details);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.position;
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

  /** Throws also where the number is too large to be a size or a place in a file. */
  uint64(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.error(`states a size of ${value} at byte ${this.position - 8}`);
    return Number(value);
  }

  /** Big-endian, as pickles write it. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** The next bytes, not copied. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** The next bytes as UTF-8. */
  text(length: number): string {
    const bytes = this.take(length);
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw this.error('holds text that is no UTF-8', { cause });
    }
  }

  /** The text up to the next line feed, which is consumed but not returned. */
  line(longest: number): string {
    const end = this.bytes.subarray(this.position, this.position + longest + 1).indexOf(10);
    if (end < 0)
      throw this.error(`the line at byte ${this.position} does not end within ${longest} bytes`);
    const text = this.text(end);
    this.position += 1;
    return text;
  }

  #advance(length: number): number {
    if (length > this.left)
      throw this.error(
        `is cut off or damaged: expected ${length} bytes at byte ${this.position}, received ${this.left}`,
      );
    const start = this.position;
    this.position += length;
    return start;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text out of a file, quoted and cut short, so that it can stand in a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Bytes as hexadecimal numbers, for messages. */
export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
