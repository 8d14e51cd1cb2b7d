import { expect, test } from 'vitest';
import { ModelError, ParameterError } from '../utils/errors.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { type DataType, type Tensor, tensor, typedTensor } from './tensor.js';
import { safetensorsFile as file } from './testing/hostile-files.js';

const everything = new Map<string, Tensor<DataType>>([
  ['scalar', tensor([], [3.5])],
  ['empty', tensor([0, 4])],
  ['f64', typedTensor('float64', [2], Float64Array.of(Math.PI, -0))],
  ['f16', typedTensor('float16', [3], Uint16Array.of(1, 2, 3))],
  ['bf16', typedTensor('bfloat16', [1], Uint16Array.of(0x3f80))],
  ['i64', typedTensor('int64', [2], BigInt64Array.of(-1n, 2n ** 62n))],
  ['i32', typedTensor('int32', [1], Int32Array.of(-5))],
  ['i16', typedTensor('int16', [1], Int16Array.of(-300))],
  ['i8', typedTensor('int8', [3], Int8Array.of(-1, 0, 1))],
  ['u16', typedTensor('uint16', [1], Uint16Array.of(65535))],
  ['u8', typedTensor('uint8', [1, 3], Uint8Array.of(7, 8, 9))],
  ['bool', typedTensor('bool', [2], Uint8Array.of(1, 0))],
]);

test('every data type, shape and the metadata survive a round trip', () => {
  const metadata = new Map([
    ['step', '12'],
    ['note', 'grün "quoted"'],
  ]);
  const content = decodeSafetensors(encodeSafetensors(everything, metadata));
  expect(content.metadata).toEqual(metadata);
  expect(new Set(content.tensors.keys())).toEqual(new Set(everything.keys()));
  for (const [name, original] of everything) expect(content.tensors.get(name)).toEqual(original);
});

test('bytes do not depend on the order of insertion, and data starts aligned', () => {
  const bytes = encodeSafetensors(everything);
  expect(encodeSafetensors(new Map([...everything].reverse()))).toEqual(bytes);
  expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
});

test('an unaligned buffer is read by copying', () => {
  const bytes = encodeSafetensors(everything);
  const shifted = new Uint8Array(bytes.length + 1).subarray(1);
  shifted.set(bytes);
  const content = decodeSafetensors(shifted);
  for (const [name, original] of everything) expect(content.tensors.get(name)).toEqual(original);
});

test('names that JavaScript objects treat specially are ordinary names', () => {
  const tensors = new Map([
    ['__proto__', tensor([1], [1])],
    ['7', tensor([1], [2])],
    ['constructor', tensor([1], [3])],
  ]);
  expect(decodeSafetensors(encodeSafetensors(tensors)).tensors).toEqual(tensors);
});

test('the reserved name is refused as a tensor', () => {
  expect(() => encodeSafetensors(new Map([['__metadata__', tensor([1])]]))).toThrow(ParameterError);
});

const one = { dtype: 'U8', shape: [2], data_offsets: [0, 2] };
const two = new Uint8Array(2);

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /at least 8 bytes/],
  ['a header beyond the file', file({}, two, 999n), /cut off/],
  ['an absurd header', file({}, two, 2n ** 40n), /no safetensors file/],
  ['broken JSON', file('{"a":'), /no valid JSON/],
  ['JSON that is no object', file('[1]'), /no JSON object/],
  ['invalid UTF-8', file('{}').fill(0xff, 8), /no valid JSON/],
  ['cut-off data', file({ a: one }, new Uint8Array(1)), /cut off/],
  ['trailing data', file({ a: one }, new Uint8Array(3)), /trailing/],
  ['overlap', file({ a: one, b: { ...one, data_offsets: [1, 3] } }, new Uint8Array(3)), /overlaps/],
  ['a hole', file({ a: one, b: { ...one, data_offsets: [3, 5] } }, new Uint8Array(5)), /hole/],
  [
    'a repeated name',
    file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061"  :1}'),
    /"a" twice/,
  ],
  ['an unknown type', file({ a: { ...one, dtype: 'F8_E4M3' } }, two), /F8_E4M3/],
  ['a wrong length', file({ a: { ...one, shape: [3] } }, two), /takes 3 bytes/],
  ['a negative size', file({ a: { ...one, shape: [-2] } }, two), /shape/],
  ['an overflowing shape', file({ a: { ...one, shape: [2 ** 40, 2 ** 40] } }, two), /shape/],
  ['a fractional offset', file({ a: { ...one, data_offsets: [0.5, 2.5] } }, two), /data_offsets/],
  ['reversed offsets', file({ a: { ...one, data_offsets: [2, 0] } }, two), /data_offsets/],
  ['no dtype', file({ a: { shape: [2], data_offsets: [0, 2] } }, two), /dtype/],
  ['an unknown field', file({ a: { ...one, strides: [1] } }, two), /strides/],
  ['metadata that is no text', file({ __metadata__: { a: 1 } }), /expected a string/],
  ['a BOOL of 2', file({ a: { ...one, dtype: 'BOOL' } }, Uint8Array.of(0, 2)), /neither 0 nor 1/],
])('%s is refused with the file and the fault named', (_, bytes, message) => {
  const read = () => decodeSafetensors(bytes, 'weights.safetensors');
  expect(read).toThrow(ModelError);
  expect(read).toThrow(message);
  expect(read).toThrow(/^weights\.safetensors: /);
});
