import { expect, test } from 'vitest';
import { ModelError } from '../utils/errors.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import {
  bytesPerElement,
  type DataType,
  sizeOf,
  type Tensor,
  tensor,
  typedTensor,
} from './tensor.js';
import { mutated, processorTime, safetensorsFile } from './testing/hostile-files.js';

const seed = 20240613;
const interesting = [...'{}[]":,\\-0129eEF ', '\0', '\x7f', '\xff'].map((c) => c.charCodeAt(0));

const good = encodeSafetensors(
  new Map<string, Tensor<DataType>>([
    ['weight', tensor([2, 1], [1, 2])],
    ['bias', typedTensor('float16', [2], Uint16Array.of(1, 2))],
    ['on', typedTensor('bool', [1], Uint8Array.of(1))],
  ]),
  new Map([['format', 'pt']]),
);
const dataStart = 8 + Number(new DataView(good.buffer).getUint32(0, true));
const header = good.subarray(8, dataStart);
const data = good.subarray(dataStart);

/** Reads many changed files; each gives tensors that lie in its bytes, or a typed error, soon. */
function outcomes(count: number, build: (stream: number) => Uint8Array) {
  let read = 0;
  let refused = 0;
  let slowest = 0;
  for (let stream = 0; stream < count; stream += 1) {
    const bytes = build(stream);
    const time = processorTime(() => {
      try {
        let taken = 0;
        for (const { dataType, data: values, shape } of decodeSafetensors(bytes).tensors.values()) {
          if (values.length !== sizeOf(shape)) throw new Error('the shape is not that of the data');
          taken += values.length * bytesPerElement(dataType);
        }
        if (taken > bytes.length) throw new Error('there are more values than bytes');
        read += 1;
      } catch (error) {
        if (!(error instanceof ModelError)) throw new Error(`case ${stream}`, { cause: error });
        refused += 1;
      }
    });
    slowest = Math.max(slowest, time);
  }
  return { read, refused, slowest };
}

test('50,000 changed files are read or refused with a typed error, soon', () => {
  const change = (stream: number) => mutated(good, { seed, stream, interesting });
  const { read, refused, slowest } = outcomes(50_000, change);
  expect(read).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(20_000);
  expect(slowest).toBeLessThan(1000);
});

test('60,000 changed headers of the right length are, too', () => {
  const change = (stream: number) =>
    safetensorsFile(mutated(header, { seed, stream: 1e6 + stream, interesting }), data);
  const { read, refused, slowest } = outcomes(60_000, change);
  expect(read).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(20_000);
  expect(slowest).toBeLessThan(1000);
});
