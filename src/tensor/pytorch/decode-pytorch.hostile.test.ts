import { describe, expect, test } from 'vitest';
import { ModelError } from '../../utils/errors.js';
import { decodePyTorch } from './decode-pytorch.js';
import { pickleLimits } from './pickle.js';
import {
  bytesOf,
  dictionary,
  goodFile,
  int,
  legacyFile,
  named,
  orderedDictionary,
  pickle,
  type TensorFields,
  tensorOf,
  text,
  tuple,
  uint32,
  uint64,
  withPickle,
  writeZip,
  zipFile,
} from './testing/files.js';

/** What is wrong with a file, the file, and what the error says. */
type Refusal = readonly [what: string, bytes: () => Uint8Array, message: RegExp];

/** Tests that each file is refused within a second, with a typed error that names it. */
function refusesPyTorch(refusals: readonly Refusal[]): void {
  test.each(refusals)('%s', (_, build, message) => {
    const bytes = build();
    const read = () => decodePyTorch(bytes, 'bad.pth');
    const start = performance.now();
    expect(read).toThrow(ModelError);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(read).toThrow(message);
    expect(read).toThrow(/^bad\.pth: /);
  });
}

/** A good dictionary whose pickle does something else first. */
const asking =
  (body: string, protocol = 2) =>
  () =>
    zipFile(pickle(`${body}0${dictionary({ w: tensorOf() })}`, protocol));
const whole = (body: string) => () => zipFile(pickle(body));
const tensors = (fields: TensorFields) => whole(dictionary({ w: tensorOf(fields) }));

test('the frame around the hostile bodies is itself good', () => {
  const good = decodePyTorch(asking('N')());
  expect([...good.tensors.keys()]).toEqual(['w']);
  expect(decodePyTorch(legacyFile(pickle(dictionary({ w: tensorOf() }))))).toEqual(good);
});

describe('a pickle that calls or imports is refused', () => {
  refusesPyTorch([
    ['os.system', asking(`${named('os', 'system')}${tuple(text('id'))}R`), /"os\.system"/],
    ['builtins.eval', asking(`${named('builtins', 'eval')}${tuple(text('1'))}R`), /builtins\.eval/],
    [
      'an import by values of the stack',
      asking(`${text('posix')}${text('system')}\x93`, 4),
      /posix\.system/,
    ],
    [
      'an import that is not called',
      asking(named('subprocess', 'Popen')),
      /names "subprocess\.Popen"/,
    ],
    ['a dotted name', asking(named('torch', '_utils._rebuild_tensor_v2')), /not data/],
    [
      'a neighbour of a known module',
      asking(named('torch._utils', '_import_dotted_name')),
      /not data/,
    ],
    ['a class of another library', asking(named('argparse', 'Namespace')), /argparse\.Namespace/],
    ['a name of JavaScript', asking(named('', '__proto__')), /__proto__/],
    ['a call of text', asking(`${text('eval')})R`), /calls a value that is no function/],
    ['a call of a storage class', asking(`${named('torch', 'FloatStorage')})R`), /FloatStorage/],
    ['a call of a call', asking(`${orderedDictionary})R`), /no function/],
    ['an object by NEWOBJ', asking(`${named('collections', 'OrderedDict')})\x81`), /0x81/],
    ['an object by NEWOBJ_EX', asking(`${named('torch', 'Size')})}\x92`, 4), /0x92/],
    ['an object by INST', asking('(ios\nsystem\n'), /0x69/],
    ['an object by OBJ', asking(`(${named('collections', 'OrderedDict')}o`), /0x6f/],
    ['a global of the extension registry', asking('\x82\x01'), /0x82/],
    ['a persistent id as text', asking('P0\n'), /0x50/],
    ['an out-of-band buffer', asking('\x97', 5), /0x97/],
    ['a state for a list', asking(']}b'), /state/],
    ['a state that is no dictionary', asking(`${orderedDictionary})b`), /state/],
  ]);
});

const deep = (levels: number) => ']'.repeat(levels) + 'a'.repeat(levels - 1);
const layers = Array.from({ length: 60 }, () => '22\x87').join('');

describe('a pickle that recurses or grows is refused', () => {
  refusesPyTorch([
    ['a list in itself', asking(']q\x00h\x00a'), /itself/],
    ['a list in its own tuple', asking(']q\x00h\x00\x85a'), /no open list|itself/],
    ['a dictionary in itself', asking(`}q\x00${text('a')}h\x00s`), /itself/],
    ['lists in lists', asking(deep(100_000)), /depth/],
    ['tuples in tuples', asking(`)${'\x85'.repeat(100_000)}`), /depth/],
    ['a list in lists, doubled each time', asking(`)${layers}`), /depth/],
    ['marks on marks', asking('('.repeat(100_000)), /marks/],
    [
      'a memo that never ends',
      asking(`N${Array.from({ length: pickleLimits.memoized + 1 }, () => '\x94').join('')}`, 4),
      /memoized/,
    ],
    ['a memo far away', asking('Nr\xff\xff\xff\xffj\xfe\xff\xff\xff'), /4294967294/],
    ['dictionaries without end', asking('}'.repeat(400_000)), /containers/],
    ['operations without end', asking('N0'.repeat(600_000)), /operations/],
    [
      'a dictionary made of one long list again and again',
      asking(
        `](${tuple(text('k'), 'N').repeat(10_000)}e\x85q\x000${`${named('collections', 'OrderedDict')}h\x00R0`.repeat(5000)}N`,
      ),
      /entries/,
    ],
    ['text longer than the file', asking(`X${uint32(0xfffffff0)}abc`), /cut off or damaged/],
    ['text of 2^60 bytes', asking(`\x8d${uint64(2n ** 60n)}abc`, 4), /size of 1152921504606846976/],
    ['bytes longer than the file', asking(`B${uint32(0x7fffffff)}`), /cut off or damaged/],
    ['a frame longer than the file', asking(`\x95${uint64(2n ** 40n)}`, 4), /frame/],
    ['an integer of 2^31 bytes', asking(`\x8b${uint32(0x7fffffff)}`), /integer/],
    ['a name without end', asking(`c${'a'.repeat(100_000)}`), /does not end/],
    ['an unknown protocol', asking('\x80\x09'), /protocol 9/],
    ['text that is no UTF-8', asking('U\x02\xff\xfe'), /UTF-8/],
  ]);
});

describe('a pickle that is damaged is refused', () => {
  refusesPyTorch([
    ['nothing', () => zipFile(''), /cut off/],
    ['no end', () => zipFile('\x80\x02}'), /cut off/],
    ['a value from an empty stack', asking('0'), /takes a value/],
    ['a value from below a mark', asking('N(\x85'), /takes a value/],
    ['a mark that is not there', asking('t'), /mark that is not there/],
    ['a value never stored', asking('h\x07'), /never stored/],
    ['values left over', whole(`N${dictionary({ w: tensorOf() })}`), /left over/],
    ['a key without a value', asking(`}(${text('a')}u`), /without a value/],
    ['a list as a key', asking('}(]Nu'), /dictionary key/],
    ['an entry for a list', asking(`]${text('a')}Ns`), /no open dictionary/],
    ['an item for a dictionary', asking('}Na'), /no open list/],
    [
      'other data after it',
      () => zipFile(`${pickle(dictionary({ w: tensorOf() }))}N.`),
      /followed/,
    ],
    ['no dictionary', whole(int(5)), /no state dictionary; it is no dictionary/],
    ['no tensors', whole(dictionary({ epoch: int(5) })), /holds "epoch"/],
    ['a tensor named by a number', whole(`}${int(5)}${tensorOf()}s`), /tensor 5/],
  ]);
});

const swap = (from: string, to: string) => whole(dictionary({ w: tensorOf().replace(from, to) }));

describe('a tensor that its storage cannot hold is refused', () => {
  refusesPyTorch([
    ['a shape beyond it', tensors({ shape: [9] }), /reaches beyond its storage "0" of 8/],
    ['an offset beyond it', tensors({ offset: 1 }), /reaches beyond/],
    ['strides beyond it', tensors({ shape: [2, 2], strides: [7, 1] }), /reaches beyond/],
    ['an absurd shape', tensors({ shape: [2 ** 40, 2 ** 40], strides: [2 ** 40, 1] }), /beyond/],
    ['absurd strides', tensors({ shape: [2], strides: [2n ** 53n - 1n] }), /beyond/],
    ['an absurd offset', tensors({ offset: 2n ** 53n - 1n }), /beyond/],
    ['an offset beyond exact numbers', tensors({ offset: 2n ** 62n }), /do not fit/],
    ['a negative extent', tensors({ shape: [-8] }), /do not fit/],
    ['a negative stride', tensors({ strides: [-1] }), /do not fit/],
    ['a negative offset', tensors({ offset: -1 }), /do not fit/],
    ['one element repeated 2^40 times', tensors({ shape: [2 ** 40], strides: [0] }), /repeat/],
    [
      'one element repeated 2^80 times',
      tensors({ shape: [2 ** 40, 2 ** 40], strides: [0, 0] }),
      /repeat/,
    ],
    [
      'many tensors that repeat elements',
      whole(
        dictionary(
          Object.fromEntries(
            Array.from({ length: 300 }, (_, index) => [
              `w${index}`,
              tensorOf({ shape: [2 ** 20], strides: [0] }),
            ]),
          ),
        ),
      ),
      /repeat/,
    ],
    ['more dimensions than strides', tensors({ shape: [2, 2] }), /2 dimensions and 1 strides/],
    [
      'too many dimensions',
      tensors({ shape: Array(40).fill(1), strides: Array(40).fill(1) }),
      /40 dimensions/,
    ],
    ['fractional sizes', swap(tuple(int(8)), tuple('G?\xf8\0\0\0\0\0\0')), /do not fit/],
    ['no storage', swap('Q', ''), /do not fit/],
    ['a storage of another size', tensors({ length: 4, shape: [4] }), /take 16 bytes, received 32/],
    ['a storage of another type', tensors({ type: 'HalfStorage' }), /received 32/],
    ['an absurd storage', tensors({ length: 2n ** 53n - 1n }), /received 32/],
    ['a storage that is not there', tensors({ key: '7' }), /lacks the entry "x\/data\/7"/],
    ['a storage elsewhere', tensors({ key: '../version' }), /lacks the entry/],
    ['a storage of an unknown type', tensors({ type: 'QInt8Storage' }), /torch\.QInt8Storage/],
    [
      'a storage of no type',
      swap(named('torch', 'FloatStorage'), 'N'),
      /something else than a stor/,
    ],
    ['a persistent id of another sort', asking(`${tuple(text('module'), 'N')}Q`), /something else/],
    [
      'one storage with two types',
      whole(dictionary({ a: tensorOf(), b: tensorOf({ type: 'IntStorage' }) })),
      /of float32 and also 8 of int32/,
    ],
    [
      'a boolean of 2',
      () =>
        zipFile(
          pickle(
            dictionary({ w: tensorOf({ type: 'BoolStorage', key: 'b', length: 2, shape: [2] }) }),
          ),
          { 'x/data/b': Uint8Array.of(1, 2) },
        ),
      /neither 0 nor 1/,
    ],
  ]);
});

const good = pickle(dictionary({ w: tensorOf() }));
const lie = (lies: Parameters<typeof writeZip>[1]) => () => zipFile(good, {}, lies);

describe('an archive that lies is refused', () => {
  refusesPyTorch([
    ['a compressed entry', lie({ 'x/data/0': { method: 8 } }), /compressed \(method 8/],
    ['an encrypted entry', lie({ 'x/data/0': { flags: 1 } }), /encrypted/],
    ['an entry beyond the file', lie({ 'x/data/0': { size: 1e9 } }), /outside/],
    ['a size that is not in the file', lie({ 'x/data/0': { size: 2 ** 32 - 1 } }), /cut off/],
    ['two sizes for one entry', lie({ 'x/data/0': { packedSize: 8 } }), /stored, yet/],
    ['an entry over its neighbour', lie({ 'x/data/0': { size: 50 } }), /overlap/],
    ['two entries at one place', lie({ 'x/version': { headerAt: 0 } }), /another name/],
    ['an entry in nothing', lie({ 'x/version': { headerAt: 5 } }), /not where/],
    ['an entry far away', lie({ 'x/version': { headerAt: 0x7fffffff } }), /outside/],
    ['another name in its header', lie({ 'x/version': { localName: 'x/w' } }), /another name/],
    ['a wrong checksum', lie({ 'x/data/0': { checksum: 1 } }), /checksum/],
    [
      'an entry given twice',
      () => writeZip([...Array(2)].map(() => ['x/data.pkl', bytesOf(good)] as const)),
      /two entries/,
    ],
    ['no pickle', () => writeZip([['x/version', bytesOf('3')]]), /no PyTorch checkpoint/],
    ['two pickles', () => zipFile(good, { 'y/data.pkl': bytesOf(good) }), /no PyTorch checkpoint/],
    ['a program', () => zipFile(good, { 'x/constants.pkl': bytesOf('') }), /TorchScript/],
    ['the other byte order', () => zipFile(good, { 'x/byteorder': bytesOf('big') }), /"big"/],
    ['an absurd number of entries', () => zip64(2n ** 40n, 0n), /has 1099511627776 entries/],
    ['a directory beyond the file', () => zip64(1n, 2n ** 40n), /beyond its end/],
    ['nothing but an end', () => bytesOf(`PK\x05\x06${'\0'.repeat(18)}`), /no PyTorch checkpoint/],
  ]);
});

/** An archive whose ZIP64 directory states a number of entries and a place. */
function zip64(count: bigint, at: bigint): Uint8Array {
  const numbers = [count, count, 0n, at].map(uint64).join('');
  const end = `PK\x06\x06${uint64(44n)}${'\0'.repeat(12)}${numbers}`;
  const locator = `PK\x06\x07${uint32(0)}${uint64(0n)}${uint32(1)}`;
  return bytesOf(`${end}${locator}PK\x05\x06${'\0'.repeat(4)}${'\xff'.repeat(12)}\0\0`);
}

const legacy = (parts: Parameters<typeof legacyFile>[1]) => () => legacyFile(good, parts);

describe('a legacy file that lies is refused', () => {
  refusesPyTorch([
    ['another magic number', legacy({ magic: '\x8a\x0a1234567890' }), /magic/],
    ['another protocol', legacy({ protocol: 1000 }), /protocol/],
    ['the other byte order', legacy({ littleEndian: '\x89' }), /little-endian/],
    ['no list of storages', legacy({ keys: '}' }), /no list of its storages/],
    ['an empty list of storages', legacy({ keys: ']', storages: '' }), /no data for the storage/],
    ['an unknown storage', legacy({ keys: `](${text('9')}e` }), /does not use/],
    ['a storage listed twice', legacy({ keys: `](${text('0')}2e` }), /twice/],
    ['a storage of another length', legacy({ storages: uint64(9n) }), /states 9/],
    ['a storage that is cut off', legacy({ storages: `${uint64(8n)}abc` }), /cut off/],
    [
      'an absurd storage',
      () =>
        legacyFile(pickle(dictionary({ w: tensorOf({ length: 2 ** 50 }) })), {
          storages: uint64(2n ** 50n),
        }),
      /cut off/,
    ],
    ['a call', () => legacyFile(pickle(`${named('os', 'system')})R`)), /os\.system/],
    ['a call in the list of storages', legacy({ keys: named('os', 'fork') }), /os\.fork/],
    ['a storage in the magic number', legacy({ magic: `${text('0')}Q` }), /no PyTorch checkpoint/],
    ['trailing data', legacy({ storages: `${uint64(8n)}${'\0'.repeat(40)}` }), /8 bytes after/],
    ['an empty file', () => new Uint8Array(0), /the file is empty/],
    ['an image', () => bytesOf('\x89PNG\r\n\x1a\n'), /no PyTorch checkpoint/],
    ['an archive of tar', () => bytesOf(`sys_info${'\0'.repeat(500)}`), /no PyTorch checkpoint/],
  ]);
});

test.each(['zip', 'legacy', 'params-ema', 'protocol-4'])(
  '%s.pth is refused cut off anywhere',
  (name) => {
    const bytes = goodFile(name);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodePyTorch(bytes.subarray(0, length), 'cut.pth')).toThrow(ModelError);
  },
);

test('a pickle cut off anywhere is refused though its archive is whole', () => {
  const { length } = goodFile('lightning');
  let refused = 0;
  for (let cut = 1; cut < length; cut++) {
    const bytes = withPickle('lightning', (whole) => whole.subarray(0, -cut));
    expect(() => decodePyTorch(bytes, 'cut.pth')).toThrow(ModelError);
    refused += 1;
    if (cut >= 465) break;
  }
  expect(refused).toBe(465);
});
