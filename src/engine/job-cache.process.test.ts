import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelledError, EngineError, InputError } from '../utils/errors.js';
import { createEngine, type Engine } from './engine.js';
import { testJob } from './testing/test-job.js';

let engine: Engine;
beforeAll(() => {
  engine = createEngine();
});
afterAll(() => engine.close());

const keeps = (payload: object, signal?: AbortSignal) =>
  engine.run(testJob('keeps'), payload, {
    ...(signal && { signal }),
  });
const caught = (work: Promise<unknown>) => work.catch((error) => error);

test('graphs and values of one job are there for the next, whatever became of its files', async () => {
  const first = await keeps({ values: ['a'] });
  expect(await keeps({ values: ['a'] })).toEqual(first);
  expect(await caught(keeps({ ends: 'input' }))).toBeInstanceOf(InputError);
  expect(await keeps({ values: ['a'] })).toEqual(first);
});

test('a job that is cancelled between two runs leaves them, and its signal stops no other job', async () => {
  const first = await keeps({ values: ['a'] });
  const controller = new AbortController();
  const running = engine.run(
    testJob('keeps'),
    { ends: 'until cancelled' },
    { signal: controller.signal, onProgress: () => controller.abort() },
  );
  expect(await caught(running)).toBeInstanceOf(CancelledError);
  expect(await keeps({ values: ['a'] })).toEqual(first);
});

test('a failure that may have harmed them leaves none', async () => {
  const { builds, makings, pid } = await keeps({ values: ['a'] });
  expect(await caught(keeps({ ends: 'bug' }))).toBeInstanceOf(EngineError);
  const fresh = { builds: builds + 1, makings: makings + 1, pid };
  expect(await keeps({ values: ['a'] })).toEqual(fresh);
});

test('a runner of other options takes the place of the last', async () => {
  const { builds } = await keeps({ threads: 1 });
  expect((await keeps({ threads: 2 })).builds).toBe(builds + 1);
  expect((await keeps({ threads: 2 })).builds).toBe(builds + 1);
  expect((await keeps({ threads: 1 })).builds).toBe(builds + 2);
});

test('values leave within a bound on their number and bytes, the oldest first', async () => {
  const { makings } = await keeps({ values: ['b', 'c', 'd', 'e'] });
  expect((await keeps({ values: ['e', 'd', 'c'] })).makings).toBe(makings);
  expect((await keeps({ values: ['b'] })).makings).toBe(makings + 1);
});
