import { expect, test } from 'vitest';
import { ModelError } from '../../tensor/errors.js';
import { integerAt } from '../../tensor/random.js';
import { sizeOf } from '../../tensor/tensor.js';
import { decodePyTorch } from './index.js';
import { goodFile, withPickle } from './testing/files.js';

const seed = 20240611;
const interesting = [0, 1, 0x28, 0x2e, 0x52, 0x71, 0x7f, 0x80, 0x8a, 0x94, 0xfe, 0xff];

/** One to four changes of the bytes, a function of the number of the case alone. */
function mutated(bytes: Uint8Array, stream: number): Uint8Array {
  let index = 0;
  const below = (bound: number) => integerAt(seed, stream, index++, bound);
  let result = Uint8Array.from(bytes);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(result.length);
    const length = 1 + below(12);
    const from = below(result.length);
    switch (below(6)) {
      case 0:
        result[at]! ^= 1 << below(8);
        break;
      case 1:
        result[at] = interesting[below(interesting.length)]!;
        break;
      case 2:
        result.fill(interesting[below(interesting.length)]!, at, at + length);
        break;
      case 3:
        result.copyWithin(at, from, from + length);
        break;
      case 4:
        result = joined(result.subarray(0, at), result.subarray(at + length));
        break;
      default:
        result = joined(
          result.subarray(0, at),
          result.subarray(from, from + length),
          result.subarray(at),
        );
    }
    if (result.length === 0) break;
  }
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Reads many changed files; each gives sound tensors or a typed error, soon. */
function outcomes(count: number, stream: number, build: (stream: number) => Uint8Array) {
  let read = 0;
  let refused = 0;
  let slowest = 0;
  for (let index = 0; index < count; index++) {
    const bytes = build(stream + index);
    const start = performance.now();
    try {
      for (const { data, shape } of decodePyTorch(bytes).tensors.values())
        expect(data.length).toBe(sizeOf(shape));
      read += 1;
    } catch (error) {
      if (!(error instanceof ModelError)) throw new Error(`case ${index}`, { cause: error });
      refused += 1;
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  return { read, refused, slowest };
}

const names = ['zip', 'params-ema', 'lightning', 'parameters', 'shared-storage', 'protocol-4'];

test('changed pickles in archives whose checksums are right', () => {
  const results = names.map((name, stream) =>
    outcomes(700, stream * 10_000, (index) => withPickle(name, (bytes) => mutated(bytes, index))),
  );
  for (const { read, refused, slowest } of results) {
    expect(refused).toBeGreaterThan(200);
    expect(read).toBeGreaterThan(0);
    expect(slowest).toBeLessThan(1000);
  }
});

test('changed archives', () => {
  const results = names.map((name, stream) => {
    const good = goodFile(name);
    return outcomes(300, 100_000 + stream * 10_000, (index) => mutated(good, index));
  });
  for (const { read, refused, slowest } of results) {
    expect(read + refused).toBe(300);
    expect(refused).toBeGreaterThan(100);
    expect(slowest).toBeLessThan(1000);
  }
});

test('changed legacy files', () => {
  const good = goodFile('legacy');
  const { read, refused, slowest } = outcomes(3000, 200_000, (index) => mutated(good, index));
  expect(read).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(1000);
  expect(slowest).toBeLessThan(1000);
});
