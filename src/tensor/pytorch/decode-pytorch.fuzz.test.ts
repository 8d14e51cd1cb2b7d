import { expect, test } from 'vitest';
import { ModelError } from '../../utils/errors.js';
import { sizeOf } from '../tensor.js';
import { mutated, processorTime } from '../testing/hostile-files.js';
import { decodePyTorch } from './decode-pytorch.js';
import { goodFile, withPickle } from './testing/files.js';

const seed = 20240611;
/** FUZZ_ROUNDS=12 in the environment makes 108,000 cases of 9,000. */
const rounds = Number(process.env.FUZZ_ROUNDS ?? 1);
const patience = 900_000 * rounds;
const interesting = [0, 1, 0x28, 0x2e, 0x52, 0x71, 0x7f, 0x80, 0x8a, 0x94, 0xfe, 0xff];

const changed = (bytes: Uint8Array, stream: number) =>
  mutated(bytes, { seed, stream, interesting });

/** Reads many changed files; each gives sound tensors or a typed error, soon. */
function outcomes(count: number, stream: number, build: (stream: number) => Uint8Array) {
  let read = 0;
  let refused = 0;
  let slowest = 0;
  for (let index = 0; index < count; index++) {
    const bytes = build(stream + index);
    const time = processorTime(() => {
      try {
        for (const { data, shape } of decodePyTorch(bytes).tensors.values())
          expect(data.length).toBe(sizeOf(shape));
        read += 1;
      } catch (error) {
        if (!(error instanceof ModelError)) throw new Error(`case ${index}`, { cause: error });
        refused += 1;
      }
    });
    slowest = Math.max(slowest, time);
  }
  return { read, refused, slowest };
}

const names = ['zip', 'params-ema', 'lightning', 'parameters', 'shared-storage', 'protocol-4'];

test('changed pickles in archives whose checksums are right', { timeout: patience }, () => {
  const results = names.map((name, stream) =>
    outcomes(700 * rounds, stream * 10_000, (index) =>
      withPickle(name, (bytes) => changed(bytes, index)),
    ),
  );
  for (const { read, refused, slowest } of results) {
    expect(refused).toBeGreaterThan(200);
    expect(read).toBeGreaterThan(0);
    expect(slowest).toBeLessThan(1000);
  }
});

test('changed archives', { timeout: patience }, () => {
  const results = names.map((name, stream) => {
    const good = goodFile(name);
    return outcomes(300 * rounds, 100_000 + stream * 10_000, (index) => changed(good, index));
  });
  for (const { read, refused, slowest } of results) {
    expect(read + refused).toBe(300 * rounds);
    expect(refused).toBeGreaterThan(100);
    expect(slowest).toBeLessThan(1000);
  }
});

test('changed legacy files', { timeout: patience }, () => {
  const good = goodFile('legacy');
  const { read, refused, slowest } = outcomes(3000 * rounds, 200_000, (index) =>
    changed(good, index),
  );
  expect(read).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(1000);
  expect(slowest).toBeLessThan(1000);
});
