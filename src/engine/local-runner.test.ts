import { TensorProto_DataType as OnnxType } from 'onnx-buf';
import { expect, test } from 'vitest';
import { allocate, type DataType, tensor, typedTensor } from '../tensor/tensor.js';
import {
  CancelledError,
  EngineError,
  LimitError,
  ModelError,
  ParameterError,
} from '../utils/errors.js';
import { createLocalRunner, type RunnerOptions } from './local-runner.js';
import { allocation, convolutions, doubling } from './testing/models.js';

const runnerFor = (options: RunnerOptions = {}) => createLocalRunner({ threads: 1, ...options });

test('a convolution gives the sums of products that its definition gives', async () => {
  const [channels, size] = [2, 5];
  const x = Float32Array.from({ length: channels * size * size }, (_, i) => Math.cos(i * 0.7));
  const weight = (o: number, c: number, dy: number, dx: number) =>
    Math.fround(Math.sin((((o * channels + c) * 3 + dy) * 3 + dx) * 1.7) / Math.sqrt(channels * 9));
  const expected = Array.from({ length: x.length }, (_, i) => {
    const [o, row, column] = [Math.floor(i / 25), Math.floor((i % 25) / 5), i % 5];
    let sum = 0;
    for (let c = 0; c < channels; c++)
      for (let dy = 0; dy < 3; dy++)
        for (let dx = 0; dx < 3; dx++) {
          const [y, z] = [row + dy - 1, column + dx - 1];
          if (y < 0 || z < 0 || y >= size || z >= size) continue;
          sum += weight(o, c, dy, dx) * x[(c * size + y) * size + z]!;
        }
    return sum;
  });
  const runner = await runnerFor();
  const graph = await runner.compile('conv', () => convolutions(channels, size, 1));
  const { y } = await graph.run({ x: tensor([1, channels, size, size], x) });
  await runner.dispose();
  expect(y!.shape).toEqual([1, channels, size, size]);
  for (const [i, value] of expected.entries()) expect(Number(y!.data[i])).toBeCloseTo(value, 5);
});

const dataTypes: [DataType, OnnxType][] = [
  ['float32', OnnxType.FLOAT],
  ['float64', OnnxType.DOUBLE],
  ['int64', OnnxType.INT64],
  ['int32', OnnxType.INT32],
  ['uint8', OnnxType.UINT8],
];

test.each(dataTypes)('%s goes in and comes out', async (dataType, onnxType) => {
  const runner = await runnerFor();
  const graph = await runner.compile(dataType, () => doubling([3], onnxType));
  const data = allocate(dataType, 3);
  for (let i = 0; i < 3; i++) data[i] = (dataType === 'int64' ? BigInt(i + 1) : i + 1) as never;
  const { y } = await graph.run({ x: typedTensor(dataType, [3], data) });
  await runner.dispose();
  expect(y!.dataType).toBe(dataType);
  expect(y!.data.constructor).toBe(data.constructor);
  expect([...y!.data].map(Number)).toEqual([2, 4, 6]);
});

test('float16 crosses as raw bits', async () => {
  const runner = await runnerFor();
  const graph = await runner.compile('half', () => doubling([2], OnnxType.FLOAT16));
  const { y } = await graph.run({ x: typedTensor('float16', [2], Uint16Array.of(0x3c00, 0xc100)) });
  await runner.dispose();
  expect(y).toEqual({
    dataType: 'float16',
    shape: [2],
    data: Uint16Array.of(0x4000, 0xc500),
  });
});

test('memory planned or not, the bytes of a result are the same', async () => {
  const x = tensor(
    [1, 4, 16, 16],
    Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i)),
  );
  const results = [];
  for (const planMemory of [true, false]) {
    const runner = await runnerFor({ planMemory });
    const graph = await runner.compile('chain', () => convolutions(4, 16, 3));
    results.push((await graph.run({ x })).y!.data);
    await runner.dispose();
  }
  expect(results[0]!.some((value) => value !== 0)).toBe(true);
  expect(results[1]).toEqual(results[0]);
});

test('outputs are fresh arrays and outlive the runner', async () => {
  const runner = await runnerFor();
  const graph = await runner.compile('double', () => doubling([1000]));
  const first = await graph.run({ x: tensor([1000], new Float32Array(1000).fill(1)) });
  const second = await graph.run({ x: tensor([1000], new Float32Array(1000).fill(2)) });
  await runner.dispose();
  expect(first.y!.data.every((value) => value === 2)).toBe(true);
  expect(second.y!.data.every((value) => value === 4)).toBe(true);
});

test('a graph is built once per key while it stays in the cache', async () => {
  const runner = await runnerFor();
  let built = 0;
  const build = () => {
    built++;
    return doubling([1]);
  };
  await runner.compile('a', build);
  await runner.compile('a', build);
  expect(built).toBe(1);
  await runner.dispose();
});

test('a graph that left the cache is compiled again when it is run', async () => {
  const runner = await runnerFor({ cacheEntries: 1 });
  let built = 0;
  const a = await runner.compile('a', () => {
    built++;
    return doubling([1]);
  });
  await runner.compile('b', () => doubling([2]));
  const { y } = await a.run({ x: tensor([1], [21]) });
  expect([...y!.data]).toEqual([42]);
  expect(built).toBe(2);
  await runner.dispose();
});

test('graphs that are given up are compiled again when they are run', async () => {
  const runner = await runnerFor();
  let built = 0;
  const a = await runner.compile('a', () => {
    built++;
    return doubling([1]);
  });
  await runner.keepAtMost!(2 ** 20);
  await a.run({ x: tensor([1], [1]) });
  expect(built).toBe(1);
  await runner.keepAtMost!(0);
  await a.run({ x: tensor([1], [1]) });
  expect(built).toBe(2);
  await runner.dispose();
});

test('the bytes of a result are the same on one and two threads', async () => {
  const x = tensor(
    [1, 16, 64, 64],
    Float32Array.from({ length: 65536 }, (_, i) => Math.sin(i)),
  );
  const results = await Promise.all(
    [1, 2].map(async (threads) => {
      const runner = await createLocalRunner({ threads });
      const graph = await runner.compile('chain', () => convolutions(16, 64, 4));
      const { y } = await graph.run({ x });
      await runner.dispose();
      return Buffer.from(y!.data.buffer, y!.data.byteOffset, y!.data.byteLength);
    }),
  );
  expect(results[0]!.equals(results[1]!)).toBe(true);
  expect(new Float32Array(results[0]!.buffer, results[0]!.byteOffset, 4).some(Boolean)).toBe(true);
});

test.each([
  ['missing', {}, { subject: 'feeds.x', expected: 'float32 [2, 3]', received: '"nothing"' }],
  ['unknown', { x: tensor([2, 3]), z: tensor([1]) }, { subject: 'feeds.z' }],
  ['of another shape', { x: tensor([3, 2]) }, { received: '"float32 [3, 2]"' }],
  [
    'of another type',
    { x: typedTensor('int32', [2, 3], new Int32Array(6)) },
    { received: '"int32 [2, 3]"' },
  ],
  [
    'too short',
    { x: { dataType: 'float32', shape: [2, 3], data: new Float32Array(5) } as const },
    { expected: '6 elements', received: '5' },
  ],
])('a feed that is %s is refused by name', async (_, feeds, details) => {
  const runner = await runnerFor();
  const graph = await runner.compile('double', () => doubling([2, 3]));
  const error = await graph.run(feeds).catch((thrown) => thrown);
  await runner.dispose();
  expect(error).toBeInstanceOf(ParameterError);
  expect(error).toMatchObject({ details });
});

test('bytes that are no graph are a ModelError that names the key', async () => {
  const runner = await runnerFor();
  const error = await runner.compile('broken', () => Uint8Array.of(1, 2, 3)).catch((e) => e);
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject({ code: 'graph-rejected', details: { subject: 'broken' } });
  const { y } = await (await runner.compile('good', () => doubling([1]))).run({ x: tensor([1]) });
  expect(y).toBeDefined();
  await runner.dispose();
});

test('a run that cannot have its memory is a LimitError', async () => {
  const runner = await runnerFor();
  const graph = await runner.compile('vast', () => allocation());
  const extent = typedTensor('int64', [1], BigInt64Array.of(2n ** 44n));
  const error = await graph.run({ x: extent }).catch((thrown) => thrown);
  await runner.dispose();
  expect(error).toBeInstanceOf(LimitError);
  expect(error.code).toBe('out-of-memory');
});

test('a run that fails is an EngineError with what the runtime said', async () => {
  const runner = await runnerFor();
  const graph = await runner.compile('negative', () => allocation());
  const extent = typedTensor('int64', [1], BigInt64Array.of(-5n));
  const error = await graph.run({ x: extent }).catch((thrown) => thrown);
  await runner.dispose();
  expect(error).toBeInstanceOf(EngineError);
  expect(error).toMatchObject({ code: 'run-failed', details: { subject: 'negative' } });
  expect(error.cause).toBeInstanceOf(Error);
});

test('an aborted signal stops runs and checkpoints', async () => {
  const controller = new AbortController();
  const runner = await runnerFor({ signal: controller.signal });
  const graph = await runner.compile('double', () => doubling([1]));
  await runner.checkpoint();
  setImmediate(() => controller.abort());
  await expect(runner.checkpoint()).rejects.toBeInstanceOf(CancelledError);
  await expect(graph.run({ x: tensor([1]) })).rejects.toBeInstanceOf(CancelledError);
  await runner.dispose();
});

test('a runner that was disposed of says so', async () => {
  const runner = await runnerFor();
  await runner.dispose();
  await expect(runner.compile('a', () => doubling([1]))).rejects.toMatchObject({
    code: 'engine-closed',
  });
});

test.each([{ threads: 0 }, { threads: 1.5 }, { cacheEntries: 0 }, { cacheBytes: -1 }])(
  'options out of range are refused: %o',
  async (options) => {
    await expect(createLocalRunner(options)).rejects.toBeInstanceOf(ParameterError);
  },
);

test('the report names device, threads and runtime', async () => {
  const runner = await createLocalRunner({ threads: 2 });
  expect(runner.device).toEqual({
    requested: 'cpu',
    effective: 'cpu',
    threads: 2,
    runtime: expect.stringMatching(/^onnxruntime-node \d+\.\d+\.\d+$/),
  });
  await runner.dispose();
});
