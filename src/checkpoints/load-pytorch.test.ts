import { expect, test } from 'vitest';
import { madeUpModule } from '../restoration/testing/packs.js';
import { float32ToFloat16, toFloat32 } from '../tensor/half.js';
import { type Tensor, tensor, typedTensor } from '../tensor/tensor.js';
import { decodeCheckpoint } from './load-checkpoint.js';
import type { Module } from './module-file.js';
import { zipFile } from './pytorch/testing/files.js';
import { dictionary, pickle, tensorOf } from './pytorch/testing/pickles.js';

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
