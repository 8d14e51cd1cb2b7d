import { CancelledError, EngineError } from '../../tensor/errors.js';
import { checkpoint } from '../cancellation.js';
import type { GraphRunner } from '../contract.js';
import { createLocalRunner } from '../local-runner.js';
import { loadRuntime } from '../runtime.js';
import type { Job, JobContext } from './job.js';
import type { ToChild, ToParent } from './messages.js';
import { serializeError } from './serialized-error.js';
import { watchParent } from './watch-parent.js';

let cancellation = new AbortController();

// A terminal sends these to the whole process group; the parent decides what they mean for a job.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
watchParent();
process.on('message', (message: ToChild) => {
  if (message.kind === 'cancel') cancellation.abort(new CancelledError());
  else void answer(message);
});

async function answer(call: Extract<ToChild, { kind: 'run' }>): Promise<void> {
  send({ kind: 'begun' });
  cancellation = new AbortController();
  const { signal } = cancellation;
  const runners: GraphRunner[] = [];
  const context: JobContext = {
    signal,
    progress: (message) => send({ kind: 'progress', message }),
    checkpoint: () => checkpoint(signal),
    runner: async (options) => {
      // What the runtime has to say comes as exceptions.
      (await loadRuntime()).env.logLevel = 'fatal';
      const runner = await createLocalRunner({ ...options, signal });
      runners.push(runner);
      return runner;
    },
  };
  let reply: ToParent;
  try {
    const job = await loadJob(call.module, call.name);
    reply = { kind: 'result', result: await job(context, call.payload) };
  } catch (error) {
    reply = { kind: 'failure', error: serializeError(error) };
  }
  for (const runner of runners) await runner.dispose();
  try {
    send(reply);
  } catch (error) {
    send({ kind: 'failure', error: serializeError(error) });
  }
}

async function loadJob(module: string, name: string): Promise<Job<unknown, unknown>> {
  const exported = (await import(module))[name];
  if (typeof exported !== 'function')
    throw new EngineError(module, `exports no function ${JSON.stringify(name)}`);
  return exported;
}

function send(message: ToParent): void {
  process.send?.(message);
}
