import { expect, test } from 'vitest';
import { ModelError } from '../utils/errors.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { tensor } from './tensor.js';
import { safetensorsFile as file, processorTime } from './testing/hostile-files.js';

const one = { dtype: 'U8', shape: [2], data_offsets: [0, 2] };
const two = new Uint8Array(2);
const empty = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
const entry = (fields: string): Uint8Array => file(`{"a":{${fields}}}`, two);
const span = '"data_offsets":[0,2]';
const largest = 2 ** 23;

/** A header as long as the reader takes, made of one text again and again. */
function repeated(start: string, text: (index: number) => string, end: string): Uint8Array {
  const parts = [start];
  for (let length = start.length + end.length, index = 0; ; index += 1) {
    const part = text(index);
    length += part.length;
    if (length > largest) break;
    parts.push(part);
  }
  return file(parts.join('') + end);
}

test.each<[string, () => Uint8Array, RegExp]>([
  [
    'a length of all bits',
    () => file({}, two, 2n ** 64n - 1n),
    /claims 18446744073709551615 bytes/,
  ],
  ['a length with the highest bit', () => file({}, two, 2n ** 63n), /no safetensors file/],
  ['a length of one too many', () => file({ a: one }, two, 10_000n), /cut off/],
  ['a header of no bytes', () => file('', two), /no valid JSON/],
  ['a header of zeros', () => file(new Uint8Array(100)), /no valid JSON/],
  ['a header larger than any', () => file(' '.repeat(largest + 1)), /claims 8388609 bytes/],
  ['a byte order mark', () => file('\ufeff{}'), /no valid JSON/],
  ['UTF-16', () => file(Uint8Array.from([...'{}'].flatMap((c) => [c.charCodeAt(0), 0]))), /JSON/],
  ['half a surrogate pair', () => file(Uint8Array.of(0x7b, 0xed, 0xa0, 0x80, 0x7d)), /no UTF-8/],
  ['an overlong encoding', () => file(Uint8Array.of(0xc1, 0xbb, 0x7d)), /no UTF-8/],
  ['two JSON texts', () => file(`{"a":${empty}}{}`), /no valid JSON/],
  ['a comment', () => file('{}//'), /no valid JSON/],
  ['a null', () => file('null'), /no JSON object/],
  ['a number', () => file('1e999'), /no JSON object/],
  ['a million lists', () => file('['.repeat(1e6)), /exceeds the limit of 3 in depth/],
  ['a million objects', () => file('{"a":'.repeat(1e6)), /exceeds the limit of 3 in depth/],
  [
    'closed nesting',
    () => file(`${'['.repeat(4e6)}${']'.repeat(4e6)}`),
    /exceeds the limit of 3 in depth/,
  ],
  [
    'a list as a size',
    () => entry(`"dtype":"U8","shape":[[2]],${span}`),
    /exceeds the limit of 3 in depth/,
  ],
  ['metadata in a list', () => file('{"__metadata__":[]}'), /__metadata__ is no object/],
  ['metadata of null', () => file('{"__metadata__":null}'), /__metadata__ is no object/],
  ['metadata with a number', () => file('{"__metadata__":{"a":1}}'), /received number/],
  ['metadata with a list', () => file('{"__metadata__":{"a":["b"]}}'), /expected a string/],
  ['metadata given twice', () => file('{"__metadata__":{},"__metadata__":{}}'), /twice/],
  ['a key of metadata twice', () => file('{"__metadata__":{"a":"","\\u0061":""}}'), /"a" twice/],
  ['a field given twice', () => entry(`"dtype":"U8","dtype":"U8","shape":[2],${span}`), /twice/],
  ['a tensor of null', () => file('{"a":null}'), /tensor a: its entry is no object/],
  ['a tensor of a list', () => file('{"a":[]}'), /tensor a: its entry is no object/],
  ['no shape', () => entry(`"dtype":"U8",${span}`), /shape is no list/],
  ['a shape of text', () => entry(`"dtype":"U8","shape":"2",${span}`), /shape is no list/],
  ['a size of text', () => entry(`"dtype":"U8","shape":["2"],${span}`), /shape is no list/],
  ['a negative size', () => entry(`"dtype":"U8","shape":[-2],${span}`), /shape is no list/],
  ['two negative sizes', () => entry(`"dtype":"U8","shape":[-1,-2],${span}`), /shape is no list/],
  ['a negative zero', () => entry(`"dtype":"U8","shape":[-0],${span}`), /shape is no list/],
  ['half a pixel', () => entry(`"dtype":"U8","shape":[4,0.5],${span}`), /shape is no list/],
  ['an infinite size', () => entry(`"dtype":"U8","shape":[1e999],${span}`), /shape is no list/],
  [
    'a product that wraps around to 2',
    () => entry(`"dtype":"U8","shape":[4294967296,4294967296,2],${span}`),
    /shape is no list of sizes that fit/,
  ],
  [
    'an absurd shape with a zero in it',
    () => entry(`"dtype":"U8","shape":[1e15,0,1e15],${span}`),
    /shape is no list of sizes that fit/,
  ],
  [
    'a terabyte',
    () => entry(`"dtype":"F32","shape":[262144,1048576],${span}`),
    /takes 1099511627776 bytes, its offsets span 2/,
  ],
  [
    'a terabyte by its offsets, too',
    () => entry('"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]'),
    /expected 1099511627\d+ bytes, received \d+; the file is cut off/,
  ],
  [
    'many dimensions',
    () => entry(`"dtype":"U8","shape":[2${',1'.repeat(1e6)}],${span}`),
    /shape is no list of sizes that fit/,
  ],
  ['one offset', () => entry('"dtype":"U8","shape":[2],"data_offsets":[2]'), /data_offsets/],
  ['three offsets', () => entry('"dtype":"U8","shape":[2],"data_offsets":[0,1,2]'), /data_offsets/],
  [
    'a negative offset',
    () => entry('"dtype":"U8","shape":[2],"data_offsets":[-2,0]'),
    /data_offsets/,
  ],
  [
    'an offset beyond 2^53',
    () => entry('"dtype":"U8","shape":[2],"data_offsets":[0,1e17]'),
    /data_offsets/,
  ],
  [
    'offsets in the header',
    () => entry('"dtype":"U8","shape":[2],"data_offsets":[1,3]'),
    /follows a hole: it starts at byte 1/,
  ],
  [
    'one tensor over another',
    () => file({ a: one, b: one }, two),
    /tensor b overlaps its neighbour: it starts at byte 0 of the data, expected 2/,
  ],
  [
    'one tensor inside another',
    () =>
      file(
        { a: { ...one, shape: [4], data_offsets: [0, 4] }, b: { ...one, data_offsets: [1, 3] } },
        new Uint8Array(4),
      ),
    /tensor b overlaps/,
  ],
  ['a type of a list', () => entry(`"dtype":["U8"],"shape":[2],${span}`), /dtype is missing or no/],
  [
    'an unknown type',
    () => entry(`"dtype":"u8","shape":[2],${span}`),
    /has element type u8; known/,
  ],
  ['a type of the prototype', () => entry(`"dtype":"__proto__","shape":[2],${span}`), /known are/],
  ['a type of another width', () => entry(`"dtype":"F64","shape":[2],${span}`), /takes 16 bytes/],
  [
    'fields that are inherited',
    () => file('{"a":{"__proto__":{"dtype":"U8"}}}'),
    /dtype is missing/,
  ],
  ['a pickle', () => file(Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0x2e)), /no valid JSON/],
  [
    'more tensors than a network has',
    () => repeated('{', (index) => `"${index}":${empty},`, `"a":${empty}}`),
    /exceeds the limit of 262144 in members/,
  ],
  [
    'one name, as often as it fits',
    () => repeated('{', () => `"":${empty},`, `"":${empty}}`),
    /exceeds the limit of 262144 in members/,
  ],
  [
    'metadata, as much as fits',
    () => repeated('{"__metadata__":{', (index) => `"${index}":1,`, '"a":""}}'),
    /exceeds the limit of 262144 in members/,
  ],
  [
    'metadata that are just not too many',
    () =>
      file(`{"__metadata__":{${Array.from({ length: 262_143 }, (_, i) => `"${i}":1`).join()}}}`),
    /__metadata__\.0: expected a string/,
  ],
  [
    'a tensor too many',
    () => file(`{${Array.from({ length: 2 ** 16 + 1 }, (_, i) => `"${i}":{}`).join()}}`),
    /the header has 65537 entries, more than 65536/,
  ],
  [
    'an endless name',
    () => file(`{"${'a'.repeat(8e6)}":{}}`),
    /^bad\.safetensors: tensor a{100}…: dtype is missing or no string$/,
  ],
  [
    'a name that would write over the message',
    () => file('{"\\u001b[2K\\r":{}}'),
    /tensor \ufffd\[2K\ufffd: dtype/,
  ],
  ['an endless string', () => file(`{"${'\\'.repeat(8e6)}`), /no valid JSON/],
])('%s is refused within a second and little memory', (_, build, message) => {
  const bytes = build();
  const read = () => decodeSafetensors(bytes, 'bad.safetensors');
  const before = process.memoryUsage.rss();
  const time = processorTime(() => {
    expect(read).toThrow(ModelError);
  });
  expect(time).toBeLessThan(1000);
  expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 28);
  expect(read).toThrow(message);
  expect(read).toThrow(/^bad\.safetensors: /);
});

test('as many tensors as are taken are read', () => {
  const tensors = Array.from({ length: 2 ** 16 }, (_, index) => `"${index}":${empty}`);
  expect(decodeSafetensors(file(`{${tensors.join()}}`)).tensors.size).toBe(2 ** 16);
});

test('a file is refused cut off anywhere', () => {
  const bytes = encodeSafetensors(
    new Map([
      ['a', tensor([3], [1, 2, 3])],
      ['b', tensor([2, 2])],
    ]),
    new Map([['note', 'x']]),
  );
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => decodeSafetensors(bytes.subarray(0, length), 'cut')).toThrow(ModelError);
});
