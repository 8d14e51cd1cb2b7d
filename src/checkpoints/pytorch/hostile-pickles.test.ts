import { describe, expect, test } from 'vitest';
import { decodePyTorch } from './index.js';
import { pickleLimits } from './pickle-machine.js';
import { legacyFile, zipFile } from './testing/files.js';
import {
  dictionary,
  int,
  named,
  orderedDictionary,
  pickle,
  type TensorFields,
  tensorOf,
  text,
  tuple,
  uint32,
  uint64,
} from './testing/pickles.js';
import { refuses } from './testing/refusals.js';

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
  refuses([
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
  refuses([
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
  refuses([
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
  refuses([
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
