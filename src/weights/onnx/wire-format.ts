import { ModelError } from '../../utils/errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const wireNames = ['an integer', '8 bytes', 'bytes', 'a group', 'a group', '4 bytes'];

/** The bytes of a protobuf file under its name, and a count of what was read of them. */
export class Source {
  readonly bytes: Uint8Array;
  readonly name: string;
  #fields = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.name = name;
  }

  /** @throws ModelError always. */
  fail(message: string): never {
    throw new ModelError(this.name, message);
  }

  /** Counts one more field. */
  spend(): void {
    this.#fields += 1;
    if (this.#fields > onnxLimits.fields)
      this.fail(`has more than ${onnxLimits.fields} protobuf fields`);
  }
}

/**
 * The fields of one protobuf message, in the order of the file. Nothing is copied; lengths are
 * checked against the message that holds them before anything else is done with them.
 */
export class Fields {
  readonly source: Source;
  /** What messages call the protobuf message. */
  readonly what: string;
  /** Number of the field that `next` came to. */
  number = 0;
  /** Place of its content, where it has a length. */
  start = 0;
  end = 0;
  #wire = 0;
  #low = 0;
  #high = 0;
  #at: number;
  readonly #stop: number;
  #seen = 0;

  constructor(source: Source, what: string, start = 0, stop = source.bytes.length) {
    this.source = source;
    this.what = what;
    this.#at = start;
    this.#stop = stop;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at >= this.#stop) return false;
    this.source.spend();
    this.#varint();
    if (this.#high !== 0 || this.#low < 8) this.fail('has a field of no valid number');
    this.number = this.#low >>> 3;
    this.#wire = this.#low & 7;
    if (this.#wire === 0) this.#varint();
    else if (this.#wire === 1) this.#skip(8);
    else if (this.#wire === 5) this.#skip(4);
    else if (this.#wire === 2) {
      this.#varint();
      const left = this.#stop - this.#at;
      const length = this.#high * 2 ** 32 + this.#low;
      if (length > left)
        this.fail(`is cut off: field ${this.number} has ${length} bytes of which ${left} are left`);
      this.#skip(length);
    } else this.fail(`field ${this.number} is of the wire type ${this.#wire}, which is not read`);
    return true;
  }

  /** The value of an integer field as a signed 64-bit number, rounded beyond 2^53. */
  int(): number {
    this.#expect(0);
    return (this.#high | 0) * 2 ** 32 + this.#low;
  }

  /** The content of a text field. */
  text(): string {
    this.#expect(2);
    if (this.end - this.start > onnxLimits.text)
      this.fail(`field ${this.number} is text of ${this.end - this.start} bytes`);
    try {
      return utf8.decode(this.source.bytes.subarray(this.start, this.end));
    } catch {
      return this.fail(`field ${this.number} is no UTF-8 text`);
    }
  }

  /** Number of bytes of a field. */
  size(): number {
    this.#expect(2);
    return this.end - this.start;
  }

  /** The fields of a message inside this one. */
  message(what: string): Fields {
    this.#expect(2);
    return new Fields(this.source, what, this.start, this.end);
  }

  /**
   * Numbers in a repeated field: those of the packed form, or the single one of the plain form.
   * @param width bytes of a number, 0 for integers of varying length.
   */
  count(width: 0 | 4 | 8): number {
    const plain = width === 0 ? 0 : width === 4 ? 5 : 1;
    if (this.#wire === plain) return 1;
    const size = this.size();
    if (width > 0) {
      if (size % width > 0) this.fail(`field ${this.number} holds a number that is cut off`);
      return size / width;
    }
    let count = 0;
    let run = 0;
    for (let at = this.start; at < this.end; at++) {
      run += 1;
      if (run > 10) this.fail(`field ${this.number} holds an integer that does not end`);
      if (this.source.bytes[at]! < 0x80) {
        count += 1;
        run = 0;
      }
    }
    if (run > 0) this.fail(`field ${this.number} holds an integer that is cut off`);
    return count;
  }

  /** The integers of a repeated field, packed or plain, added to `target`. */
  ints(target: number[], most: number): void {
    if (this.#wire === 0) target.push(this.int());
    else {
      if (target.length + this.count(0) > most)
        this.fail(`field ${this.number} has more than ${most} integers`);
      const inside = new Fields(this.source, this.what, this.start, this.end);
      while (inside.#at < inside.#stop) {
        inside.#varint();
        target.push((inside.#high | 0) * 2 ** 32 + inside.#low);
      }
    }
    if (target.length > most) this.fail(`field ${this.number} has more than ${most} integers`);
  }

  /** Refuses a second occurrence of this field: readers differ in what they make of one. */
  once(): void {
    const bit = 1 << this.number;
    if (this.number < 32 && (this.#seen & bit) !== 0)
      this.fail(`has field ${this.number} twice, which must be there once`);
    this.#seen |= bit;
  }

  /** @throws ModelError always. */
  fail(message: string): never {
    return this.source.fail(`${this.what} ${message}`);
  }

  #expect(wire: number): void {
    if (this.#wire === wire) return;
    const received = wireNames[this.#wire] ?? 'nothing';
    this.fail(`field ${this.number} is ${received}, expected ${wireNames[wire]}`);
  }

  #skip(length: number): void {
    if (length > this.#stop - this.#at) this.fail(`is cut off in field ${this.number}`);
    this.start = this.#at;
    this.#at += length;
    this.end = this.#at;
  }

  #varint(): void {
    const { bytes } = this.source;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#stop) this.fail('is cut off in an integer');
      const byte = bytes[this.#at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.fail('has an integer that does not end');
  }
}

/** What an ONNX file may ask for; far beyond published networks, far below what hurts. */
export const onnxLimits = {
  /** Bytes of a file: protobuf itself ends here. */
  bytes: 2 ** 31 - 1,
  /** Protobuf fields that are read, over the whole file. */
  fields: 4_000_000,
  /** Graphs inside graphs: bodies of If, Loop and Scan. */
  depth: 8,
  nodes: 200_000,
  initializers: 200_000,
  /** Bytes of a name. */
  text: 4096,
  /** Axes of a tensor. */
  rank: 16,
  /** Elements of a tensor that the graph makes of a stored shape. */
  filled: 2 ** 28,
  /** Elements that an operator with stored scales makes of one. */
  enlarged: 2 ** 16,
  /** Elements of a stored tensor, and of an image. */
  elements: 2 ** 31,
} as const;
