import type { DpirError } from '../../utils/errors.js';
import { type ByteReader, quoted } from './byte-reader.js';
import {
  close,
  Dictionary,
  isGlobal,
  isKey,
  List,
  type PickleGlobals,
  type PickleValue,
  Tuple,
} from './pickle-values.js';

const STOP = 0x2e;

/** What a pickle may refer to. */
interface PickleContext {
  /** The functions and classes that it may name. */
  readonly globals: PickleGlobals;
  /** What a persistent id stands for; default: a pickle that has one is refused. */
  resolve?(id: PickleValue): PickleValue;
}

/**
 * Reads one pickle and leaves the reader at its end. Whatever the file asks for, only data is
 * built: tensors, containers, numbers and text. Throws the reader's error where the pickle is cut
 * off or damaged, exceeds a limit or asks for anything but data.
 */
export function readPickle(reader: ByteReader, context: PickleContext): PickleValue {
  const machine = new PickleMachine(reader, context);
  for (let count = 0; count < pickleLimits.operations; count++) {
    const at = reader.position;
    const code = reader.uint8();
    if (code === STOP) {
      const result = machine.pop();
      if (!machine.empty) throw machine.error('its pickle ends with values left over');
      return result;
    }
    const operation = operations[code];
    if (operation === undefined)
      throw machine.error(
        `its pickle asks for operation 0x${code.toString(16).padStart(2, '0')} at byte ${at}, which is none of data`,
      );
    operation(machine);
  }
  throw machine.error(`its pickle has more than ${pickleLimits.operations} operations`);
}

/** Far above what the largest published checkpoints need, optimiser states included. */
export const pickleLimits = {
  operations: 1_000_000,
  containers: 250_000,
  memoized: 400_000,
  entries: 1_000_000,
  depth: 48,
  marks: 64,
} as const;

/**
 * The stack, marks and memo of a pickle. All that it can build are tensors, containers, numbers and
 * text, and all of them are counted.
 */
class PickleMachine {
  readonly reader: ByteReader;
  readonly #context: PickleContext;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #containers = 0;
  #entries = 0;

  constructor(reader: ByteReader, context: PickleContext) {
    this.reader = reader;
    this.#context = context;
  }

  /** True where nothing is left to be used. */
  get empty(): boolean {
    return this.#stack.length === 0 && this.#marks.length === 0;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  /** Pushes a new container, whose depth and number are bounded. */
  pushContainer(value: List | Dictionary | Tuple): void {
    this.#limit(++this.#containers, 'containers');
    this.#limit(value.depth, 'depth');
    this.#stack.push(value);
  }

  pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0))
      throw this.error('its pickle takes a value where there is none');
    return this.#stack.pop()!;
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
    this.#limit(this.#marks.length, 'marks');
  }

  popToMark(): PickleValue[] {
    const start = this.#marks.pop();
    if (start === undefined) throw this.error('its pickle goes back to a mark that is not there');
    return this.#stack.splice(start);
  }

  /** As Python does, a value or, where none lies above it, the mark. */
  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  remember(place = this.#memo.size): void {
    this.#memo.set(place, this.top());
    this.#limit(this.#memo.size, 'memoized');
  }

  recall(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined)
      throw this.error(`its pickle recalls value ${place}, which it never stored`);
    this.push(value);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!(list instanceof List) || list.closed)
      throw this.error('its pickle appends to a value that is no open list');
    this.#admit(list, items);
    for (const item of items) list.items.push(item);
  }

  /** @param items keys and values in turn. */
  assign(items: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Dictionary) || dictionary.closed)
      throw this.error('its pickle sets an entry of a value that is no open dictionary');
    if (items.length % 2 !== 0) throw this.error('its pickle sets a key without a value');
    this.#admit(dictionary, items);
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index]!;
      if (!isKey(key))
        throw this.error('its pickle has a dictionary key that is no text or number');
      dictionary.entries.set(key, items[index + 1]!);
    }
  }

  reduce(): void {
    const argument = this.pop();
    const callable = this.pop();
    if (!isGlobal(callable) || callable.kind !== 'function' || !(argument instanceof Tuple))
      throw this.error(
        `calls ${isGlobal(callable) ? callable.name : 'a value that is no function'}`,
      );
    const made = callable.call(argument.items, {
      fail: this.reader.error,
      spend: (entries) => this.#spend(entries),
    });
    if (made === undefined)
      throw this.error(`calls ${callable.name} with arguments that do not fit it`);
    if (made instanceof Dictionary) this.pushContainer(made);
    else this.push(made);
  }

  /** The one state that state dictionaries have, their `_metadata`, says nothing of use. */
  setState(): void {
    const state = this.pop();
    if (!(this.top() instanceof Dictionary) || !(state instanceof Dictionary))
      throw this.error('its pickle sets the state of a value that is no dictionary');
  }

  pushStorage(): void {
    const id = this.pop();
    if (this.#context.resolve === undefined)
      throw this.error('refers to a storage before its contents start');
    this.push(this.#context.resolve(id));
  }

  pushGlobal(module: string, name: string): void {
    // A name with a dot would reach into a module: no entry of the list is meant by it.
    const found = name.includes('.') ? undefined : this.#context.globals.get(`${module}.${name}`);
    if (found === undefined)
      throw this.reader.error(
        `names ${quoted(`${module}.${name}`)}, which is not data: only tensors, dictionaries, lists and numbers are read. Save the state dictionary alone`,
        { received: `${module}.${name}` },
      );
    this.push(found);
  }

  text(length: number): void {
    this.push(this.reader.text(length));
  }

  error(message: string): DpirError {
    return this.reader.error(message);
  }

  #admit(container: List | Dictionary, items: readonly PickleValue[]): void {
    this.#spend(items.length);
    const depth = 1 + close(items);
    if (container.closed) throw this.error('its pickle puts a container into itself');
    container.depth = Math.max(container.depth, depth);
    this.#limit(container.depth, 'depth');
  }

  #spend(entries: number): void {
    this.#entries += entries;
    this.#limit(this.#entries, 'entries');
  }

  #limit(value: number, name: keyof typeof pickleLimits): void {
    if (value > pickleLimits[name])
      throw this.error(`its pickle exceeds the limit on ${name} of ${pickleLimits[name]}`);
  }
}

/** What one operation of a pickle does. */
type Operation = (machine: PickleMachine) => void;

const LONGEST_GLOBAL = 256;
const LONGEST_INTEGER = 255;
const HIGHEST_PROTOCOL = 5;

/**
 * The operations of protocols 2 to 4 that make data, by code; the comments give the names of
 * Python's pickletools. None of them imports, and the one that calls knows what it may call.
 */
const operations: Readonly<Record<number, Operation>> = {
  // PROTO
  128: (machine) => {
    const protocol = machine.reader.uint8();
    if (protocol > HIGHEST_PROTOCOL) throw machine.error(`has pickle protocol ${protocol}`);
  },
  // FRAME
  149: (machine) => {
    const length = machine.reader.uint64();
    if (length > machine.reader.left)
      throw machine.error(
        `its pickle has a frame of ${length} bytes, ${machine.reader.left} are left`,
      );
  },
  // MARK, POP, POP_MARK, DUP
  40: (machine) => machine.mark(),
  48: (machine) => machine.drop(),
  49: (machine) => machine.popToMark(),
  50: (machine) => machine.push(machine.top()),
  // NONE, NEWTRUE, NEWFALSE
  78: (machine) => machine.push(null),
  136: (machine) => machine.push(true),
  137: (machine) => machine.push(false),
  // BININT, BININT1, BININT2, BINFLOAT, LONG1, LONG4
  74: (machine) => machine.push(machine.reader.int32()),
  75: (machine) => machine.push(machine.reader.uint8()),
  77: (machine) => machine.push(machine.reader.uint16()),
  71: (machine) => machine.push(machine.reader.float64()),
  138: (machine) => machine.push(integer(machine.reader.take(machine.reader.uint8()))),
  139: (machine) => {
    const length = machine.reader.uint32();
    if (length > LONGEST_INTEGER) throw machine.error(`has an integer of ${length} bytes`);
    machine.push(integer(machine.reader.take(length)));
  },
  // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8, BINSTRING, SHORT_BINSTRING
  88: (machine) => machine.text(machine.reader.uint32()),
  140: (machine) => machine.text(machine.reader.uint8()),
  141: (machine) => machine.text(machine.reader.uint64()),
  84: (machine) => machine.text(machine.reader.uint32()),
  85: (machine) => machine.text(machine.reader.uint8()),
  // BINBYTES, SHORT_BINBYTES, BINBYTES8
  66: (machine) => machine.push(machine.reader.take(machine.reader.uint32())),
  67: (machine) => machine.push(machine.reader.take(machine.reader.uint8())),
  142: (machine) => machine.push(machine.reader.take(machine.reader.uint64())),
  // EMPTY_LIST, APPEND, APPENDS
  93: (machine) => machine.pushContainer(new List()),
  97: (machine) => machine.append([machine.pop()]),
  101: (machine) => machine.append(machine.popToMark()),
  // EMPTY_SET, ADDITEMS, FROZENSET
  143: (machine) => machine.pushContainer(new List()),
  144: (machine) => machine.append(machine.popToMark()),
  145: (machine) => machine.pushContainer(new Tuple(machine.popToMark())),
  // EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  41: (machine) => machine.pushContainer(new Tuple([])),
  116: (machine) => machine.pushContainer(new Tuple(machine.popToMark())),
  133: (machine) => pushTuple(machine, 1),
  134: (machine) => pushTuple(machine, 2),
  135: (machine) => pushTuple(machine, 3),
  // EMPTY_DICT, SETITEM, SETITEMS
  125: (machine) => machine.pushContainer(new Dictionary()),
  115: (machine) => {
    const value = machine.pop();
    machine.assign([machine.pop(), value]);
  },
  117: (machine) => machine.assign(machine.popToMark()),
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  113: (machine) => machine.remember(machine.reader.uint8()),
  114: (machine) => machine.remember(machine.reader.uint32()),
  148: (machine) => machine.remember(),
  104: (machine) => machine.recall(machine.reader.uint8()),
  106: (machine) => machine.recall(machine.reader.uint32()),
  // GLOBAL, STACK_GLOBAL
  99: (machine) => {
    const module = machine.reader.line(LONGEST_GLOBAL);
    machine.pushGlobal(module, machine.reader.line(LONGEST_GLOBAL));
  },
  147: (machine) => {
    const name = machine.pop();
    const module = machine.pop();
    if (typeof module !== 'string' || typeof name !== 'string')
      throw machine.error('its pickle names a global by something else than text');
    machine.pushGlobal(module, name);
  },
  // REDUCE, BUILD, BINPERSID
  82: (machine) => machine.reduce(),
  98: (machine) => machine.setState(),
  81: (machine) => machine.pushStorage(),
};

function pushTuple(machine: PickleMachine, length: number): void {
  const items: PickleValue[] = [];
  for (let index = 0; index < length; index++) items.unshift(machine.pop());
  machine.pushContainer(new Tuple(items));
}

/** Two's complement, little-endian; a bigint only where a number is not exact. */
function integer(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--)
    value = (value << 8n) | BigInt(bytes[index]!);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}
