import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { DpirError, EngineError } from '../../tensor/errors.js';
import type { Service } from '../contract.js';
import { compileFailure, runFailure } from '../failures.js';
import { serializeError } from '../process/serialized-error.js';
import { loadRuntime, type Runtime } from '../runtime.js';
import { sessionOptions } from '../session-options.js';
import { LaneArrays } from './lane-arrays.js';
import type { LaneReply, LaneRequest, LaneTask } from './lane-protocol.js';

const { model, key, device, tuning } = workerData as LaneTask;
const port = parentPort!;
const services: Service[] = [];
try {
  const runtime = await loadRuntime();
  runtime.env.logLevel = 'fatal';
  const session = await compiled(runtime);
  answerRequests(session, new LaneArrays(runtime, session));
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
function answerRequests(session: InferenceSession, arrays: LaneArrays): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: LaneRequest) => {
    last = last.then(async () => {
      if (request.kind === 'end') {
        await session.release();
        port.close();
      } else answer(await replyTo(request, arrays));
    });
  });
  tell({ ready: arrays.outputs });
}

async function replyTo(
  request: Exclude<LaneRequest, { readonly kind: 'end' }>,
  arrays: LaneArrays,
): Promise<LaneReply> {
  try {
    if (request.kind === 'run') await arrays.run(request.feeds, request.others);
    else if (request.kind === 'open') services.push(await opened(request));
    else return { result: await services[request.service]!(request.request) };
    return { result: undefined };
  } catch (error) {
    const ours = error instanceof DpirError || request.kind !== 'run';
    return { error: serializeError(ours ? error : runFailure(key, error)) };
  }
}

async function opened({
  module,
  name,
  payload,
}: Extract<LaneRequest, { readonly kind: 'open' }>): Promise<Service> {
  const open = (await import(module))[name];
  if (typeof open !== 'function')
    throw new EngineError(module, `exports no function ${JSON.stringify(name)}`);
  return open(payload);
}

/** Gives an answer; one that cannot cross is that request's failure, and no other's. */
function answer(reply: LaneReply): void {
  try {
    tell(reply);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new EngineError(key, `an answer cannot leave its thread: ${reason}`, { cause });
    tell({ error: serializeError(error) });
  }
}

function tell(reply: LaneReply): void {
  port.postMessage(reply);
}
