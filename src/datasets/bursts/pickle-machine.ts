import { InputError } from '../../utils/errors.js';

/** What a named function makes of its arguments; undefined where it must not be called. */
export type Calls = (name: string, items: readonly Plain[]) => Plain | undefined;

/**
 * Reads one pickle, after which `bytes` stand. Every operation takes at least one byte, so that a
 * file cannot ask for more work than its length allows.
 * @throws InputError where it is cut off or damaged, or does anything but hold data.
 */
export function readPickle(bytes: PickleBytes, calls: Calls): Plain {
  const machine = new Machine(bytes, calls);
  while (!machine.step());
  return machine.pop();
}

class Machine {
  readonly #bytes: PickleBytes;
  readonly #calls: Calls;
  readonly #stack: Plain[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Plain>();

  constructor(bytes: PickleBytes, calls: Calls) {
    this.#bytes = bytes;
    this.#calls = calls;
  }

  pop(): Plain {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0))
      throw this.#bytes.error('takes a value where there is none');
    return this.#stack.pop()!;
  }

  /** @returns true at the end of the pickle. */
  step(): boolean {
    const bytes = this.#bytes;
    const code = bytes.uint8();
    switch (code) {
      case 0x2e: // STOP
        return true;
      case 0x80: // PROTO
        bytes.uint8();
        break;
      case 0x95: // FRAME
        bytes.take(8);
        break;
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        break;
      case 0x4e: // NONE
        this.#push(null);
        break;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        this.#push(code === 0x88);
        break;
      case 0x4a: // BININT
        this.#push(bytes.int32());
        break;
      case 0x4b: // BININT1
        this.#push(bytes.uint8());
        break;
      case 0x4d: // BININT2
        this.#push(bytes.uint16());
        break;
      case 0x8a: // LONG1
        this.#push(integer(bytes.take(bytes.uint8())));
        break;
      case 0x47: // BINFLOAT
        this.#push(bytes.float64());
        break;
      case 0x8c: // SHORT_BINUNICODE
        this.#push(bytes.text(bytes.uint8()));
        break;
      case 0x58: // BINUNICODE
        this.#push(bytes.text(bytes.uint32()));
        break;
      case 0x43: // SHORT_BINBYTES
        this.#push(bytes.take(bytes.uint8()));
        break;
      case 0x42: // BINBYTES
        this.#push(bytes.take(bytes.uint32()));
        break;
      default:
        this.#containers(code);
    }
    return false;
  }

  #containers(code: number): void {
    switch (code) {
      case 0x7d: // EMPTY_DICT
        this.#push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        this.#push([]);
        break;
      case 0x74: // TUPLE
        this.#push(this.#popToMark());
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#push(Array.from({ length: code - 0x84 }, () => this.pop()).reverse());
        break;
      case 0x61: // APPEND
        this.#append([this.pop()]);
        break;
      case 0x65: // APPENDS
        this.#append(this.#popToMark());
        break;
      case 0x73: // SETITEM
        this.#assign([this.pop(), this.pop()].reverse());
        break;
      case 0x75: // SETITEMS
        this.#assign(this.#popToMark());
        break;
      default:
        this.#references(code);
    }
  }

  #references(code: number): void {
    const bytes = this.#bytes;
    switch (code) {
      case 0x71: // BINPUT
        this.#memo.set(bytes.uint8(), this.#top());
        break;
      case 0x72: // LONG_BINPUT
        this.#memo.set(bytes.uint32(), this.#top());
        break;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        break;
      case 0x68: // BINGET
        this.#recall(bytes.uint8());
        break;
      case 0x6a: // LONG_BINGET
        this.#recall(bytes.uint32());
        break;
      case 0x63: // GLOBAL
        this.#push(new Named(`${bytes.line()}.${bytes.line()}`));
        break;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.pop();
        this.#push(new Named(`${String(this.pop())}.${String(name)}`));
        break;
      }
      case 0x51: // BINPERSID: the identity itself stands for what it names
        this.#push(this.pop());
        break;
      case 0x52: // REDUCE
        this.#reduce();
        break;
      default:
        throw bytes.error(`asks for operation 0x${code.toString(16)}, which is none of data`);
    }
  }

  #reduce(): void {
    const items = this.pop();
    const callee = this.pop();
    if (!(callee instanceof Named) || !Array.isArray(items))
      throw this.#bytes.error('calls what is no function');
    const made = this.#calls(callee.name, items);
    if (made === undefined)
      throw this.#bytes.error(
        `calls ${JSON.stringify(callee.name.slice(0, 80))}, which is not data`,
      );
    this.#push(made);
  }

  #push(value: Plain): void {
    this.#stack.push(value);
  }

  #top(): Plain {
    const value = this.pop();
    this.#push(value);
    return value;
  }

  #popToMark(): Plain[] {
    const start = this.#marks.pop();
    if (start === undefined) throw this.#bytes.error('goes back to a mark that is not there');
    return this.#stack.splice(start);
  }

  #recall(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined) throw this.#bytes.error('recalls a value that it never stored');
    this.#push(value);
  }

  #append(items: readonly Plain[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#bytes.error('appends to what is no list');
    for (const item of items) list.push(item);
  }

  #assign(items: readonly Plain[]): void {
    const target = this.#top();
    if (!(target instanceof Map) || items.length % 2 !== 0)
      throw this.#bytes.error('sets an entry of what is no dictionary');
    for (let at = 0; at < items.length; at += 2) target.set(items[at]!, items[at + 1]!);
  }
}

/** Two's complement, little-endian. */
function integer(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

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

/** What a pickle of metadata can hold: inert data. Tuples and lists are arrays. */
export type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Plain[]
  | Map<Plain, Plain>
  | Named
  | StoredNumbers
  | StoredTensor;

/** A function or class of Python by its name, which is all that is taken of it. */
export class Named {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Numbers that tensors lie in. */
export class StoredNumbers {
  readonly values: readonly number[];

  constructor(values: readonly number[]) {
    this.values = values;
  }
}

/** A tensor, row-major. */
export class StoredTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];

  constructor(shape: readonly number[], values: readonly number[]) {
    this.shape = shape;
    this.values = values;
  }
}
