import { afterEach, expect, test } from 'vitest';
import type { Feeds, GraphRunner } from '../graph/graph-runner.js';
import { inSharedMemory } from '../tensor/shared-memory.js';
import { tensor } from '../tensor/tensor.js';
import { CancelledError, EngineError, ModelError, ParameterError } from '../utils/errors.js';
import { defineService } from './job.js';
import { createLocalRunner, type RunnerOptions } from './local-runner.js';
import { convolutions, doubling } from './testing/models.js';

const open: GraphRunner[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((runner) => runner.dispose()));
});

async function runnerFor(options: RunnerOptions): Promise<GraphRunner> {
  const runner = await createLocalRunner(options);
  open.push(runner);
  return runner;
}

const x = tensor(
  [1, 4, 16, 16],
  Float32Array.from({ length: 1024 }, (_, i) => Math.sin(i)),
);

test.each([
  [1, 3, 1],
  [2, 3, 2],
  [5, 2, 2],
])(
  'with %i threads %i copies asked for are %i, which give the very same at once',
  async (threads, count, expected) => {
    const runner = await runnerFor({ threads });
    const model = convolutions(4, 16, 3);
    const alone = await runner.compile('alone', () => model);
    const workers = await runner.compileWorkers!('workers', model, count);
    expect(workers).toHaveLength(expected);
    const { y } = await alone.run({ x });
    const results = await Promise.all([...workers, ...workers].map((worker) => worker.run({ x })));
    for (const result of results) expect(result.y).toEqual(y);
  },
);

test('workers run while this thread goes on', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [first, second] = await runner.compileWorkers!('workers', convolutions(32, 64, 4), 2);
  const large = tensor([1, 32, 64, 64]);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await Promise.all([first!.run({ x: large }), second!.run({ x: large })]);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

test('a graph that the runtime refuses is told by its name', async () => {
  const runner = await runnerFor({ threads: 2 });
  const refused = runner.compileWorkers!('broken', Uint8Array.of(1, 2, 3), 2);
  await expect(refused).rejects.toThrow(ModelError);
  await expect(refused).rejects.toMatchObject({ code: 'graph-rejected' });
});

test('feeds that do not fit are told, and the worker goes on', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [worker] = await runner.compileWorkers!('double', doubling([3]), 2);
  await expect(worker!.run({ x: tensor([2]) })).rejects.toThrow(ParameterError);
  const { y } = await worker!.run({ x: tensor([3], [1, 2, 3]) });
  expect([...(y!.data as Float32Array)]).toEqual([2, 4, 6]);
});

test('after the end, or a cancellation, nothing runs', async () => {
  const controller = new AbortController();
  const runner = await runnerFor({ threads: 2, signal: controller.signal });
  const [worker] = await runner.compileWorkers!('double', doubling([3]), 2);
  const last = worker!.run({ x: tensor([3]) });
  await runner.dispose();
  expect((await last).y!.shape).toEqual([3]);
  await expect(worker!.run({ x: tensor([3]) })).rejects.toThrow(EngineError);
  await expect(runner.compileWorkers!('double', doubling([3]), 2)).rejects.toThrow(EngineError);
  controller.abort();
  expect(() => worker!.run({ x: tensor([3]) })).toThrow(CancelledError);
});

test('shared inputs count as they are when a run begins, and are told of once', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [worker] = await runner.compileWorkers!('double', doubling([3]), 2);
  const x = inSharedMemory(tensor([3], [1, 2, 3]));
  const doubled = async (feeds: Feeds) => [...((await worker!.run(feeds)).y!.data as Float32Array)];
  expect(await doubled({ x })).toEqual([2, 4, 6]);
  x.data[1] = 5;
  expect(await doubled({ x })).toEqual([2, 10, 6]);
  expect(await doubled({ x: inSharedMemory(tensor([3], [7, 8, 9])) })).toEqual([14, 16, 18]);
  expect(await doubled({ x: tensor([3], [0, 1, 0]) })).toEqual([0, 2, 0]);
  expect(await doubled({ x })).toEqual([2, 10, 6]);
  await expect(worker!.run({})).rejects.toThrow(ParameterError);
  await expect(worker!.run({ x, z: x })).rejects.toThrow(ParameterError);
  expect(await doubled({ x })).toEqual([2, 10, 6]);
});

test('every run leaves its outputs in the same shared arrays', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [worker] = await runner.compileWorkers!('double', doubling([1]), 2);
  const first = await worker!.run({ x: tensor([1], [1]) });
  const second = await worker!.run({ x: tensor([1], [2]) });
  expect(second.y!.data).toBe(first.y!.data);
  expect(first.y!.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(first.y!.data[0]).toBe(4);
});

type Services = typeof import('./testing/services.js');
const service = <Name extends keyof Services & string>(name: Name) =>
  defineService<Services[Name]>(new URL('./testing/services.js', import.meta.url), name);

test('services work on the thread of a worker, each with what it was opened with', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [worker, other] = await runner.compileWorkers!('double', doubling([1]), 2);
  const total = inSharedMemory(tensor([1], [1]));
  const [add, more] = [
    await worker!.open!(service('adding'), total),
    await other!.open!(service('adding'), inSharedMemory(tensor([1], [10]))),
  ];
  const results = await Promise.all([add(2), worker!.run({ x: total }), add(3), more(1)]);
  expect([results[0], results[2], results[3]]).toEqual([3, 6, 11]);
  expect(total.data[0]).toBe(6);
});

test('failures of services keep their kind; the worker goes on', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [worker] = await runner.compileWorkers!('double', doubling([1]), 2);
  await expect(worker!.open!({ ...service('adding'), name: 'nothing' }, x)).rejects.toMatchObject({
    code: 'job-not-found',
  });
  await expect(worker!.open!(service('adding'), 'x' as never)).rejects.toThrow(ParameterError);
  const add = await worker!.open!(service('adding'), tensor([1], [0]));
  await expect(add('x')).rejects.toThrow(ParameterError);
  await expect(add(() => 1)).rejects.toThrow(EngineError);
  await expect(add(() => 1)).rejects.toMatchObject({ code: 'not-cloneable' });
  expect(await add(4)).toBe(4);
});

test('an answer that cannot be cloned fails alone, in its turn; the worker goes on', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [worker] = await runner.compileWorkers!('double', doubling([1]), 2);
  const ask = await worker!.open!(service('uncloneable'), undefined);
  const add = await worker!.open!(service('adding'), tensor([1], [0]));
  const work = [
    ask(1),
    ask('function'),
    add(3),
    ask('function'),
    worker!.run({ x: tensor([1], [4]) }),
  ];
  const outcomes = await Promise.allSettled(work);
  expect(outcomes.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  ]);
  expect(await work[0]).toEqual({ given: 1 });
  expect(await work[2]).toBe(3);
  for (const failed of [work[1], work[3]]) {
    await expect(failed).rejects.toThrow(EngineError);
    await expect(failed).rejects.toMatchObject({ code: 'not-cloneable' });
  }
  expect(await add(4)).toBe(7);
});

test('inputs that cannot cross fail alone, and the next run has its own', async () => {
  const runner = await runnerFor({ threads: 2 });
  const [worker] = await runner.compileWorkers!('double', doubling([2]), 2);
  const [x, y] = [
    [1, 2],
    [3, 4],
  ].map((values) => inSharedMemory(tensor([2], values)));
  const doubled = async (feeds: Feeds) => [...((await worker!.run(feeds)).y!.data as Float32Array)];
  expect(await doubled({ x: x! })).toEqual([2, 4]);
  const wrong = { x: { ...y!, shape: (() => [2]) as unknown as number[] } };
  await expect(worker!.run(wrong)).rejects.toThrow(EngineError);
  expect(await doubled({ x: y! })).toEqual([6, 8]);
});
