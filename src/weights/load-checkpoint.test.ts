import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lpipsSqueeze } from '../networks/perceptual/lpips.js';
import { madeUpModule } from '../restoration/testing/packs.js';
import { float32ToFloat16, toFloat32 } from '../tensor/half.js';
import { dictionary, pickle, tensorOf, zipFile } from '../tensor/pytorch/testing/files.js';
import { encodeSafetensors } from '../tensor/safetensors.js';
import { type DataType, type Tensor, tensor, typedTensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { decodeCheckpoint, decodePerceptualCheckpoint } from './load-checkpoint.js';
import { encodeModule, type Module } from './module-file.js';
import { madeUpPerceptualModule } from './testing/perceptual-modules.js';

const module = madeUpModule('rrdb', { num_feat: 4, num_block: 1, num_grow_ch: 2 });
const bare = encodeSafetensors(module.weights);
const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../conformance/checkpoints/${name}`, import.meta.url));

test('a state dictionary alone becomes the module it was', () => {
  const read = decodeCheckpoint(bare, 'esrgan.safetensors');
  expect(read.network).toBe(module.network);
  expect(read.config).toEqual(module.config);
  expect(read.weights).toEqual(module.weights);
  expect(decodeCheckpoint(encodeModule(read), 'again').weights).toEqual(module.weights);
});

test('a module file keeps what shapes do not tell', () => {
  const denoiser = madeUpModule('unshuffled-unet', {
    widths: [4, 6],
    blocks: 1,
    prediction: 'preconditioned',
  });
  expect(decodeCheckpoint(encodeModule(denoiser), 'd').config).toEqual(denoiser.config);
  const stripped = encodeSafetensors(denoiser.weights);
  expect(decodeCheckpoint(stripped, 'd').config).toMatchObject({ prediction: 'noise' });
  const stated = { config: { prediction: 'preconditioned' } };
  expect(decodeCheckpoint(stripped, 'd', stated).config).toEqual(denoiser.config);
});

function changed(change: (source: Tensor, key: string) => Tensor<DataType>): Uint8Array {
  return encodeSafetensors(
    new Map([...module.weights].map(([key, source]) => [key, change(source, key)])),
  );
}

test('weights of other element types become float32', () => {
  const doubles = changed(({ shape, data }) =>
    typedTensor(
      'float64',
      shape,
      Float64Array.from(data, (value) => value + 1e-12),
    ),
  );
  const halves = changed(({ shape, data }) =>
    typedTensor('float16', shape, float32ToFloat16(data)),
  );
  const whole = changed(({ shape, data }) =>
    typedTensor(
      'int64',
      shape,
      BigInt64Array.from(data, (value) => BigInt(Math.round(9 * value))),
    ),
  );
  for (const [key, { data, shape }] of module.weights) {
    const read = (bytes: Uint8Array) => decodeCheckpoint(bytes, 'x').weights.get(key)!;
    expect(read(doubles).data).toEqual(Float32Array.from(data, (value) => value + 1e-12));
    const half = typedTensor('float16', shape, float32ToFloat16(data));
    expect(read(halves)).toEqual(toFloat32(half));
    expect([...read(whole).data]).toEqual([...data].map((value) => Math.round(9 * value) + 0));
  }
});

const one = 'conv_body.bias';

test.each<[string, Tensor<DataType>, RegExp]>([
  [
    'a double beyond float32',
    typedTensor('float64', [4], Float64Array.of(0, 0, -1e300, 0)),
    /conv_body\.bias\[2\] is -1e\+300, which does not fit float32/,
  ],
  [
    'an integer that float32 would round',
    typedTensor('int64', [4], BigInt64Array.of(0n, 2n ** 24n + 1n, 0n, 0n)),
    /conv_body\.bias\[1\] is 16777217, which does not fit/,
  ],
  [
    'a double that is not finite',
    typedTensor('float64', [4], Float64Array.of(Number.NaN, 0, 0, 0)),
    /conv_body\.bias\[0\] is NaN/,
  ],
])('%s is refused', (_, value, message) => {
  const bytes = changed((source, key) => (key === one ? value : source));
  expect(() => decodeCheckpoint(bytes, 'x.safetensors')).toThrow(ModelError);
  expect(() => decodeCheckpoint(bytes, 'x.safetensors')).toThrow(message);
  expect(() => decodeCheckpoint(bytes, 'x.safetensors')).toThrow(/^x\.safetensors: /);
});

test('parameters in older names are brought to the current ones', () => {
  const older = module.network.olderNames!(module.config);
  for (const form of [/^model\./, /^(?!model\.)/]) {
    const names = new Map(
      [...older].filter(([name]) => form.test(name)).map(([name, current]) => [current, name]),
    );
    const bytes = encodeSafetensors(
      new Map([...module.weights].map(([key, value]) => [names.get(key) ?? key, value])),
    );
    const read = decodeCheckpoint(bytes, 'esrgan');
    expect(read.config).toEqual(module.config);
    expect(new Map([...read.weights].sort())).toEqual(new Map([...module.weights].sort()));
  }
});

test('a repeated parameter must hold the same values', () => {
  const mirnet = madeUpModule('mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1, height: 2 });
  const repeated = new Map(mirnet.weights);
  for (const [name, declared] of mirnet.network.aliases!(mirnet.config))
    repeated.set(name, mirnet.weights.get(declared)!);
  expect(decodeCheckpoint(encodeSafetensors(repeated), 'm').weights).toEqual(mirnet.weights);
  repeated.set('body.0.body.0.blocks.1.0.body.1.weight', tensor([1], [3]));
  expect(() => decodeCheckpoint(encodeSafetensors(repeated), 'm.pth')).toThrow(
    /^m\.pth: body\.0\.body\.0\.blocks\.1\.0\.body\.1\.weight should repeat .*, but holds other/,
  );
});

test.each(['zip.pth', 'legacy.pth', 'zip.expected.safetensors'])(
  '%s is read, and refused for its tensors, not for its form',
  (name) => {
    expect(() => decodeCheckpoint(fixture(name), name)).toThrow(/the tensor "empty" of shape/);
  },
);

test.each<[string, Uint8Array, RegExp]>([
  [
    'an ONNX model',
    Uint8Array.of(8, 8, 0x12, 7, 0x70, 0x79),
    /is an ONNX model, which packs take as it is/,
  ],
  ['nothing', new Uint8Array(0), /is empty/],
  ['a web page', new TextEncoder().encode('\n<!DOCTYPE html>'), /is a web page/],
  [
    'a pointer',
    new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'),
    /pointer of Git LFS/,
  ],
  ['an image', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), /no checkpoint: it starts with 89 50 4e 47/],
])('%s is no checkpoint', (_, bytes, message) => {
  expect(() => decodeCheckpoint(bytes, 'file')).toThrow(ModelError);
  expect(() => decodeCheckpoint(bytes, 'file')).toThrow(message);
});

test('what the caller states is checked', () => {
  const read = (options: object) => () => decodeCheckpoint(bare, 'x', options);
  expect(read({ network: 'rrdb' })().config).toEqual(module.config);
  expect(read({ network: 'oracle' })).toThrow(ParameterError);
  expect(read({ config: 3 })).toThrow(ParameterError);
  expect(read({ network: 'swinir' })).toThrow(/The closest is swinir/);
  expect(read({ config: { num_block: 2 } })).toThrow(/body\.1\.rdb1\.conv1\.weight/);
  expect(read({ config: { blocks: 2 } })).toThrow(/rrdb\.blocks/);
});

test('a network that judges images is read as such, and as nothing else', () => {
  const judge = madeUpPerceptualModule(lpipsSqueeze);
  const state = encodeSafetensors(judge.weights);
  for (const bytes of [state, encodeModule(judge)]) {
    const read = decodePerceptualCheckpoint(bytes, 'lpips.pth');
    expect(read.network).toBe(judge.network);
    expect([...read.weights.keys()].sort()).toEqual([...judge.weights.keys()].sort());
    for (const [key, { data }] of judge.weights)
      expect(data.every((value, place) => value === read.weights.get(key)!.data[place])).toBe(true);
  }
  expect(() => decodeCheckpoint(state, 'lpips.pth')).toThrow(
    'lpips.pth: is lpips-squeeze, an image quality metric',
  );
  expect(() => decodePerceptualCheckpoint(bare, 'esrgan.pth')).toThrow(
    /^esrgan\.pth: is of no known architecture/,
  );
});

/** Strides of a row-major tensor. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}

interface Stored {
  readonly prefix: string;
  readonly type: 'FloatStorage' | 'DoubleStorage' | 'HalfStorage';
}

/** A PyTorch checkpoint with state dictionaries of a module under several names. */
function checkpoint(places: Readonly<Record<string, readonly [Module, Stored]>>): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  let count = 1;
  const store = ({ data }: Tensor, type: Stored['type']): string => {
    const key = `${count++}`;
    const stored = {
      FloatStorage: () => data,
      DoubleStorage: () => Float64Array.from(data),
      HalfStorage: () => float32ToFloat16(data),
    }[type]();
    files[`x/data/${key}`] = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    return key;
  };
  const states = Object.entries(places).map(([place, [{ weights }, { prefix, type }]]) => {
    const entries = [...weights].map(([name, value]) => {
      const { shape, data } = value;
      const fields = { key: store(value, type), length: data.length, shape, type };
      return [prefix + name, tensorOf({ ...fields, strides: stridesOf(shape) })] as const;
    });
    return [place, dictionary(Object.fromEntries(entries))] as const;
  });
  return zipFile(pickle(dictionary(Object.fromEntries(states))), files);
}

const averaged = madeUpModule('rrdb', { num_feat: 4, num_block: 1, num_grow_ch: 2 });
const last = madeUpModule('swinir', {
  embed_dim: 8,
  depths: [1],
  num_heads: [2],
  window_size: 4,
  mlp_ratio: 2,
});

const bytes = checkpoint({
  params: [last, { prefix: 'module.', type: 'DoubleStorage' }],
  params_ema: [averaged, { prefix: 'module.model.', type: 'HalfStorage' }],
});

test('averaged weights come first, prefixes are left off and halves become float32', () => {
  const read = decodeCheckpoint(bytes, 'net_g_latest.pth');
  expect(read.network.name).toBe('rrdb');
  expect(read.config).toEqual(averaged.config);
  for (const [name, { shape, data }] of averaged.weights)
    expect(read.weights.get(name)).toEqual(
      toFloat32(typedTensor('float16', shape, float32ToFloat16(data))),
    );
});

test('another state dictionary of the file is read by its place', () => {
  const read = decodeCheckpoint(bytes, 'net_g_latest.pth', { at: 'params' });
  expect(read.config).toEqual(last.config);
  for (const [name, { shape, data }] of last.weights)
    expect(read.weights.get(name)).toEqual(tensor(shape, data));
});
