import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError } from '../../utils/errors.js';
import type { JobFunction } from '../job.js';
import { convolutions } from './models.js';

export const echo: JobFunction<unknown, unknown> = async (_context, payload) => payload;

export const processId: JobFunction<unknown, number> = async () => process.pid;

/** Runs a chain of convolutions on the CPU with a number of threads. */
export const convolve: JobFunction<
  { threads: number; channels: number; size: number; x: Float32Array },
  { y: Float32Array; effective: string }
> = async (context, { threads, channels, size, x }) => {
  const runner = await context.runner({ threads });
  const graph = await runner.compile('chain', () => convolutions(channels, size, 3));
  const { y } = await graph.run({ x: tensor([1, channels, size, size], x) });
  return { y: (y as Tensor).data, effective: runner.device.effective };
};

/** What the allocator of this process was told. */
export const allocator: JobFunction<unknown, string> = async () => process.env.GLIBC_TUNABLES ?? '';

/** Works on tiles until it is cancelled, reporting each. */
export const tiles: JobFunction<unknown, never, { tile: number; pid: number }> = async (
  context,
) => {
  const runner = await context.runner({ threads: 1 });
  const graph = await runner.compile('chain', () => convolutions(8, 32, 2));
  for (let tile = 0; ; tile++) {
    await context.checkpoint();
    await graph.run({ x: tensor([1, 8, 32, 32]) });
    context.progress({ tile, pid: process.pid });
  }
};

/** Stops when cancelled, with a result rather than an error. */
export const endsEarly: JobFunction<unknown, string> = async (context) => {
  context.progress('started');
  while (!context.signal.aborted) await context.checkpoint().catch(() => {});
  return 'kept what was done';
};

/** Blocks the event loop for good. */
export const blocks: JobFunction<unknown, never, { pid: number }> = async (context) => {
  context.progress({ pid: process.pid });
  for (;;);
};

export const throwsTyped: JobFunction<unknown, never> = async () => {
  throw new InputError('a.png', 'is truncated', {
    code: 'file-too-large',
    expected: '100 bytes',
    received: '7 bytes',
    cause: new RangeError('offset 100'),
  });
};

export const throwsUntyped: JobFunction<unknown, never> = async () => {
  throw new TypeError('a bug in the job');
};

export const unclonable: JobFunction<unknown, unknown> = async () => () => 'a function';

export const exits: JobFunction<unknown, never> = async () => process.exit(7);

export const aborts: JobFunction<unknown, never> = async () => process.abort();

export const killed: JobFunction<unknown, never> = async () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => {});
};

/** Signals itself as a terminal does, and goes on. */
export const interrupted: JobFunction<unknown, string> = async (context) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(process.pid, signal);
  await context.checkpoint();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return 'still here';
};

export const prints: JobFunction<string, void> = async (_context, text) => {
  console.log(text);
};

/** Writes its process id to a file and then waits for ever. */
export const waits: JobFunction<string, never> = async (_context, path) => {
  writeFileSync(path, String(process.pid));
  return new Promise<never>(() => setInterval(() => {}, 1000));
};

/** Reports without end, also when there is nobody left to report to. */
export const reports: JobFunction<string, never> = async (context, path) => {
  writeFileSync(path, String(process.pid));
  for (;;) {
    context.progress('still at it');
    await context.checkpoint();
  }
};

/** Throws where nobody catches it. */
export const throwsOutside: JobFunction<unknown, never> = async () => {
  setImmediate(() => {
    throw new TypeError('a bug outside the job');
  });
  return new Promise<never>(() => setInterval(() => {}, 1000));
};

/** Writes its process id to a file and then opens a pipe that nobody writes to. */
export const opensPipe: JobFunction<string, never> = async (_context, path) => {
  execFileSync('mkfifo', [`${path}.pipe`]);
  const opening = open(`${path}.pipe`);
  writeFileSync(path, String(process.pid));
  await opening;
  throw new Error('somebody writes to the pipe');
};

/** Writes its process id to a file and then blocks the event loop for good. */
export const blocksAfter: JobFunction<string, never> = async (_context, path) => {
  writeFileSync(path, String(process.pid));
  for (;;);
};

let builds = 0;
let makings = 0;

/** Runs a kept graph and tells how often this process has built it, and made a kept value. */
export const keeps: JobFunction<
  { threads?: number; values?: string[]; ends?: 'input' | 'bug' | 'until cancelled' },
  { builds: number; makings: number; pid: number }
> = async (context, { threads = 1, values = [], ends }) => {
  const runner = await context.cachedRunner({ threads });
  const graph = await runner.compile('kept chain', () => {
    builds += 1;
    return convolutions(4, 16, 1);
  });
  await graph.run({ x: tensor([1, 4, 16, 16]) });
  for (const key of values)
    await context.cached(key, async () => {
      makings += 1;
      return { value: key, bytes: 20 * 2 ** 20 };
    });
  if (ends === 'input') throw new InputError('a.png', 'is truncated');
  if (ends === 'bug') throw new TypeError('a bug in the job');
  while (ends === 'until cancelled') {
    context.progress('running');
    await graph.run({ x: tensor([1, 4, 16, 16]) });
    await runner.checkpoint();
  }
  return { builds, makings, pid: process.pid };
};
