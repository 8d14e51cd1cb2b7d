import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { DpirError } from '../../tensor/errors.js';
import { inSharedMemory } from '../../tensor/shared.js';
import { typedTensor } from '../../tensor/tensor.js';
import type { Feeds } from '../contract.js';
import { compileFailure, runFailure } from '../failures.js';
import { serializeError } from '../process/serialized-error.js';
import { loadRuntime, type Runtime } from '../runtime.js';
import { unwrapOutputs, wrapFeeds } from '../runtime-tensors.js';
import { sessionOptions } from '../session-options.js';
import type { LaneReply, LaneRequest, LaneTask } from './lane-protocol.js';

const { model, key, device, tuning } = workerData as LaneTask;
const port = parentPort!;
/** Where every run leaves its outputs: what is moved to another thread anew is garbage there. */
let results: Feeds | undefined;
const copies = new Map<string, Feeds[string]>();
try {
  const runtime = await loadRuntime();
  runtime.env.logLevel = 'fatal';
  serve(runtime, await compiled(runtime));
} catch (error) {
  tell({ error: serializeError(error) });
}

async function compiled(runtime: Runtime): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model, sessionOptions(device, tuning));
  } catch (error) {
    throw compileFailure(key, device, error);
  }
}

/** Carries out what is asked, in its order. */
function serve(runtime: Runtime, session: InferenceSession): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: LaneRequest) => {
    last = last.then(() =>
      request === 'end' ? end(session) : answer(runtime, session, request.feeds),
    );
  });
  tell('ready');
}

async function answer(runtime: Runtime, session: InferenceSession, feeds: Feeds): Promise<void> {
  try {
    const wrapped = wrapFeeds(runtime, session.inputMetadata, ownFeeds(feeds));
    const outputs = unwrapOutputs(await session.run(wrapped));
    results ??= Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [name, inSharedMemory(output)]),
    );
    for (const [name, { data }] of Object.entries(outputs))
      (results[name]!.data as Float32Array).set(data as Float32Array);
    tell({ outputs: results });
  } catch (error) {
    const failure = error instanceof DpirError ? error : runFailure(key, error);
    tell({ error: serializeError(failure) });
  }
}

/** The feeds, those in shared memory copied to arrays that serve every run. */
function ownFeeds(feeds: Feeds): Feeds {
  const entries = Object.entries(feeds).map(([name, feed]): [string, Feeds[string]] => {
    if (!(feed.data.buffer instanceof SharedArrayBuffer)) return [name, feed];
    const own = copies.get(name);
    if (own?.dataType !== feed.dataType || own.data.length !== feed.data.length) {
      copies.set(name, typedTensor(feed.dataType, feed.shape, feed.data.slice()));
      return [name, copies.get(name)!];
    }
    (own.data as Float32Array).set(feed.data as Float32Array);
    return [name, typedTensor(feed.dataType, feed.shape, own.data)];
  });
  return Object.fromEntries(entries);
}

async function end(session: InferenceSession): Promise<void> {
  await session.release();
  port.close();
}

function tell(reply: LaneReply): void {
  port.postMessage(reply);
}
