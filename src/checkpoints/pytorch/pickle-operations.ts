import type { PickleMachine } from './pickle-machine.js';
import { Dictionary, List, type PickleValue, Tuple } from './values.js';

/** What one operation of a pickle does. */
export type Operation = (machine: PickleMachine) => void;

const LONGEST_GLOBAL = 256;
const LONGEST_INTEGER = 255;
const HIGHEST_PROTOCOL = 5;

/**
 * The operations of protocols 2 to 4 that make data, by code; the comments give the names of
 * Python's pickletools. None of them imports, and the one that calls knows what it may call.
 */
export const operations: Readonly<Record<number, Operation>> = {
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
