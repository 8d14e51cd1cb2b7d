import { expect, test } from 'vitest';
import { ModelError } from '../../utils/errors.js';
import { decodePyTorch } from './decode-pytorch.js';
import {
  dictionary,
  goodFile,
  int,
  legacyFile,
  named,
  orderedDictionary,
  pickle,
  tensorOf,
  text,
  tuple,
  zipFile,
} from './testing/files.js';

const values = (bytes: Uint8Array, name: string) => [
  ...(decodePyTorch(bytes).tensors.get(name)!.data as Float32Array),
];

test.each(['zip', 'legacy'])('the %s form gives every element type and shape', (form) => {
  const { path, prefix, tensors, others } = decodePyTorch(goodFile(form));
  expect({ path, prefix, others }).toEqual({ path: '/', prefix: '', others: [] });
  const described = [...tensors].map(
    ([name, { dataType, shape }]) => `${name} ${dataType} ${shape}`,
  );
  expect(described).toEqual([
    'conv.weight float32 4,3,3,3',
    'conv.bias float32 4',
    'norm.weight float64 4',
    'steps int64 ',
    'ids int32 7',
    'flag bool 3',
    'half float16 5,2',
    'bf16 bfloat16 3,3',
    'u8 uint8 10',
    'empty float32 0,3',
    'view float32 4,4',
    'transposed float32 8,6',
    'scalar float32 ',
  ]);
  for (const { data, shape } of tensors.values())
    expect(data.length).toBe(shape.reduce((product, extent) => product * extent, 1));
});

test('a transposed tensor and a view of one storage agree where they overlap', () => {
  const { tensors } = decodePyTorch(goodFile('zip'));
  const view = tensors.get('view')!.data;
  const transposed = tensors.get('transposed')!.data;
  for (let row = 0; row < 4; row++)
    for (let column = 0; column < 4; column++) {
      const place = 10 + 8 * row + column;
      const [line, entry] = [place % 8, Math.floor(place / 8)];
      expect(view[4 * row + column]).toBe(transposed[6 * line + entry]);
    }
});

test('both forms hold the same numbers', () => {
  expect(decodePyTorch(goodFile('zip')).tensors).toEqual(decodePyTorch(goodFile('legacy')).tensors);
});

test.each([
  ['params-ema', 'params_ema', '', ['a', 'b']],
  ['lightning', 'state_dict', '', ['model.x']],
  ['data-parallel', 'state_dict', 'module.', ['x', 'y.weight']],
  ['parameters', '/', '', ['w', 'b']],
  ['shared-storage', '/', '', ['first', 'second', 'third']],
  ['protocol-4', '/', '', ['w']],
])('%s: the state dictionary is found at %s', (name, path, prefix, names) => {
  const found = decodePyTorch(goodFile(name));
  expect({ ...found, tensors: [...found.tensors.keys()] }).toEqual({
    path,
    prefix,
    tensors: names,
    others: [],
  });
});

test('a file that lies anywhere in memory is read the same', () => {
  for (const name of ['zip', 'legacy']) {
    const good = goodFile(name);
    const shifted = new Uint8Array(good.length + 3).subarray(3);
    shifted.set(good);
    expect(decodePyTorch(shifted).tensors).toEqual(decodePyTorch(good).tensors);
  }
});

test('offset, strides and repeated elements are resolved', () => {
  const body = pickle(
    dictionary({
      tail: tensorOf({ offset: 6, shape: [2] }),
      columns: tensorOf({ offset: 1, shape: [2, 3], strides: [1, 2] }),
      repeated: tensorOf({ offset: 3, shape: [2, 2], strides: [0, 1] }),
      single: tensorOf({ offset: 7, shape: [1, 1], strides: [99, 5] }),
    }),
  );
  for (const bytes of [zipFile(body), legacyFile(body)]) {
    expect(values(bytes, 'tail')).toEqual([6, 7]);
    expect(values(bytes, 'columns')).toEqual([1, 3, 5, 2, 4, 6]);
    expect(values(bytes, 'repeated')).toEqual([3, 4, 3, 4]);
    expect(values(bytes, 'single')).toEqual([7]);
  }
});

test('the older ways to write a dictionary, a size and a tensor are read', () => {
  const pair = (name: string, value: string) => `](${text(name)}${value}e`;
  const old = tensorOf({ shape: [2] })
    .replace('_rebuild_tensor_v2', '_rebuild_tensor')
    .replace(`\x89${orderedDictionary}`, '');
  const size = `${named('torch', 'Size')}${tuple(tuple(int(2)))}R`;
  const sized = tensorOf({ shape: [2] }).replace(tuple(int(2)), size);
  const body = pickle(
    `${named('collections', 'OrderedDict')}(](${pair('old', old)}${pair('sized', sized)}etR`,
  );
  expect(values(zipFile(body), 'old')).toEqual([0, 1]);
  expect(values(zipFile(body), 'sized')).toEqual([0, 1]);
});

test('the _metadata of a module is passed over', () => {
  const metadata = dictionary({ _metadata: dictionary({ '': dictionary({ version: int(1) }) }) });
  const body = pickle(`${orderedDictionary}(${text('w')}${tensorOf()}u${metadata}b`);
  expect([...decodePyTorch(zipFile(body)).tensors.keys()]).toEqual(['w']);
});

const weights = dictionary({ w: tensorOf() });
const epoch = { epoch: int(3) };

test.each([
  ['state_dict/params', { state_dict: dictionary({ params: weights }) }],
  ['params', { params: weights, step: tensorOf(), net: weights }],
  ['anything', { ...epoch, anything: weights }],
  ['/', { w: tensorOf(), model: int(1) }],
])('%s is preferred', (path, entries) => {
  expect(decodePyTorch(zipFile(pickle(dictionary(entries)))).path).toBe(path);
});

test('the caller may say which dictionary, and what is no tensor is named', () => {
  const inner = dictionary({ w: tensorOf(), ...epoch });
  const bytes = zipFile(pickle(dictionary({ one: inner, two: weights })));
  expect(decodePyTorch(bytes, 'a.pth', { at: 'one' }).others).toEqual(['epoch']);
  expect(() => decodePyTorch(bytes, 'a.pth', { at: 'three' })).toThrow(/^a\.pth: .*"three".*"one"/);
  expect(() => decodePyTorch(bytes, 'a.pth')).toThrow(/several state dictionaries: "one", "two"/);
  expect(() => decodePyTorch(bytes, 'a.pth')).toThrow(ModelError);
});

test('names that JavaScript objects treat specially are ordinary names', () => {
  const entries = `}(${text('__proto__')}${tensorOf()}${text('constructor')}${tensorOf()}u`;
  const { tensors } = decodePyTorch(zipFile(pickle(entries)));
  expect([...tensors.keys()]).toEqual(['__proto__', 'constructor']);
});

test('the prefix goes only where every name has it', () => {
  const mixed = decodePyTorch(
    zipFile(pickle(dictionary({ 'module.a': tensorOf(), b: tensorOf() }))),
  );
  expect([mixed.prefix, ...mixed.tensors.keys()]).toEqual(['', 'module.a', 'b']);
  const twice = decodePyTorch(zipFile(pickle(dictionary({ 'module.module.a': tensorOf() }))));
  expect([twice.prefix, ...twice.tensors.keys()]).toEqual(['module.module.', 'a']);
});
