import { Worker } from 'node:worker_threads';
import type { GraphRunner } from '../graph/graph-runner.js';
import { CancelledError, DpirError, EngineError, type ErrorKind } from '../utils/errors.js';
import type { ToChild, ToParent } from './engine-process.js';
import { importImplementation, type JobContext } from './job.js';
import { JobCache } from './job-cache.js';
import { createLocalRunner, yieldUnlessCancelled } from './local-runner.js';
import { loadRuntime } from './runtime.js';
import { serializeError } from './serialized-error.js';

/** Milliseconds between checks of the parent, and of memory where it is limited. */
const INTERVAL = 250;
const MEMORY_INTERVAL = 25;

/** Plain JavaScript, so that the thread starts in a moment from sources as well. */
const program = `
const { workerData } = require('node:worker_threads');
const { parent, memory, interval } = workerData;
const check = () => {
  const isOver = memory !== undefined && process.memoryUsage.rss() > memory;
  if (isOver || process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
};
check();
setInterval(check, interval);
`;

/**
 * Ends this process soon after its parent, whatever its other threads do or wait for: a separate
 * thread notices that the process has another parent. Systems that do not report this rely on the
 * closed channel, which is noticed between runs.
 * @param parent id of the process that started this one; it may be gone by now.
 * @param memory bytes beyond which this process is ended as well.
 */
function watchProcess(parent: number, memory?: number): void {
  const interval = memory === undefined ? INTERVAL : MEMORY_INTERVAL;
  const thread = new Worker(program, {
    eval: true,
    execArgv: [],
    workerData: { parent, memory, interval },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  thread.on('error', () => undefined);
  thread.unref();
}

/** Failures of a job's files or parameters, or a cancellation between two runs: the cache is sound. */
const HARMLESS: ReadonlySet<ErrorKind> = new Set(['input', 'output', 'usage', 'cancelled']);

const cache = new JobCache();
let cancellation = new AbortController();

// A terminal sends these to the whole process group; the parent decides what they mean for a job.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// An orderly exit would wait for threads, one of which may wait in a call that never returns.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A stack would reach the user; the parent reports that the process ended.
process.on('uncaughtException', (error) => {
  process.stderr.write(`dp-ir: the engine process failed: ${String(error).split('\n')[0]}\n`);
  process.exit(1);
});
const [parent, memory] = process.argv.slice(2).map(Number);
watchProcess(parent!, memory);
process.on('message', (message: ToChild) => {
  if (message.kind === 'cancel') cancellation.abort(new CancelledError());
  else void answer(message);
});

async function answer(call: Extract<ToChild, { kind: 'run' }>): Promise<void> {
  send({ kind: 'started' });
  cancellation = new AbortController();
  const { signal } = cancellation;
  const runners: GraphRunner[] = [];
  const context: JobContext = {
    signal,
    progress: (message) => send({ kind: 'progress', message }),
    checkpoint: () => yieldUnlessCancelled(signal),
    runner: async (options) => {
      await silenceRuntime();
      const runner = await createLocalRunner({ ...options, signal });
      runners.push(runner);
      return runner;
    },
    cachedRunner: async (options = {}) => {
      await silenceRuntime();
      return cache.runner(options, signal);
    },
    cached: (key, make) => cache.value(key, make),
  };
  let reply: ToParent;
  try {
    const implementation = await importImplementation(call);
    reply = { kind: 'result', result: await implementation(context, call.payload) };
  } catch (error) {
    reply = { kind: 'failure', error: serializeError(error) };
    if (!(error instanceof DpirError && HARMLESS.has(error.kind))) await cache.clear();
  }
  for (const runner of runners) await runner.dispose();
  try {
    send(reply);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const failure = new EngineError(call.name, `the result cannot be cloned: ${reason}`, {
      code: 'not-cloneable',
      cause: error,
    });
    send({ kind: 'failure', error: serializeError(failure) });
  }
  // The reply has been sent, so what it referred to is garbage.
  setImmediate(collectGarbage);
}

/** Failures of the runtime arrive as exceptions; printing them as well would double them. */
async function silenceRuntime(): Promise<void> {
  (await loadRuntime()).env.logLevel = 'fatal';
}

function send(message: ToParent): void {
  // The parent may be gone, which ends this process soon; there is nobody to tell.
  process.send?.(message, () => undefined);
}

/** The part of the time that collections may take. */
const SHARE = 0.02;

let next = 0;

/**
 * Collects garbage after a job. Left alone, an engine that sees little pressure lets arrays and
 * graphs of finished jobs lie for minutes, and memory swings. Needs Node's `--expose-gc`.
 */
function collectGarbage(): void {
  const begun = performance.now();
  if (begun < next) return;
  globalThis.gc?.();
  const ended = performance.now();
  next = ended + (ended - begun) / SHARE;
}
