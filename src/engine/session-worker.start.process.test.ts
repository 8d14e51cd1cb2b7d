import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import type { GraphRunner } from '../graph/graph-runner.js';
import { CancelledError, EngineError, ModelError } from '../utils/errors.js';
import { createLocalRunner, type RunnerOptions } from './local-runner.js';
import { convolutions, doubling } from './testing/models.js';

async function runnerFor(options: RunnerOptions): Promise<GraphRunner> {
  const runner = await createLocalRunner(options);
  onTestFinished(() => runner.dispose());
  return runner;
}

/** The threads that this process starts during some work. */
async function threadsOf(work: () => Promise<unknown>): Promise<Worker[]> {
  const threads: Worker[] = [];
  const note = (thread: Worker) => threads.push(thread);
  process.on('worker', note);
  try {
    await work();
  } finally {
    process.off('worker', note);
  }
  return threads;
}

test('disposed of while workers start, a runner leaves no thread, and the starter is told', async () => {
  const runner = await runnerFor({ threads: 3 });
  const threads = await threadsOf(async () => {
    const starting = runner.compileWorkers!('double', doubling([1]), 3);
    const told = expect(starting).rejects.toThrow(EngineError);
    await runner.dispose();
    await told;
    await expect(starting).rejects.toMatchObject({ code: 'engine-closed' });
  });
  expect(threads).toHaveLength(3);
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1, -1]);
});

test('disposed of at any moment of the start, it ends too', async () => {
  for (const delay of [0, 30, 100, 200, 400]) {
    const runner = await runnerFor({ threads: 2 });
    let outcome: unknown;
    const threads = await threadsOf(async () => {
      const starting = runner.compileWorkers!('workers', convolutions(4, 16, 3), 2);
      const settled = starting.then(
        () => 'started',
        (error: unknown) => error,
      );
      await new Promise((resolve) => setTimeout(resolve, delay));
      await runner.dispose();
      outcome = await settled;
    });
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
    if (outcome !== 'started') expect(outcome).toBeInstanceOf(EngineError);
  }
});

test('cancelled while workers start, the starter gets a CancelledError', async () => {
  const controller = new AbortController();
  const runner = await runnerFor({ threads: 2, signal: controller.signal });
  const threads = await threadsOf(async () => {
    const starting = runner.compileWorkers!('double', doubling([1]), 2);
    controller.abort();
    await expect(starting).rejects.toThrow(CancelledError);
    await runner.dispose();
  });
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
});

test('a graph that is refused leaves no thread', async () => {
  const runner = await runnerFor({ threads: 2 });
  const threads = await threadsOf(async () => {
    const refused = runner.compileWorkers!('broken', Uint8Array.of(1, 2, 3), 2);
    await expect(refused).rejects.toThrow(ModelError);
  });
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
});

test('a process waits for workers to start, and for nothing once they idle', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
    fileURLToPath(new URL('./testing/start-session-workers.ts', import.meta.url)),
  ]);
  expect(stdout).toBe('2 workers\n');
});
