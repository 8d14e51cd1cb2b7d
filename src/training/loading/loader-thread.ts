import { parentPort, workerData } from 'node:worker_threads';
import { serializeError } from '../../engine/process/serialized-error.js';
import { findNetwork } from '../../networks/registry.js';
import { ModelError } from '../../tensor/errors.js';
import { defineTraining } from '../define.js';
import type { FrozenModules } from '../kinds/kind.js';
import { PoolReader } from '../pool/pool-file.js';
import { openSource } from '../source.js';
import type { LoaderReply, LoaderRequest, LoaderTask, ModuleOutline } from './protocol.js';

const { recipe, modules, cacheBytes, pool } = workerData as LoaderTask;
const port = parentPort!;

const reader = pool === undefined ? undefined : new PoolReader(pool.path, pool.content);
const definition = defineTraining(recipe, outlined(modules), {}, reader);
const photographs = openSource(recipe, { cacheBytes });
// Whoever asks for a batch is told.
photographs.catch(() => undefined);

let last: Promise<void> = Promise.resolve();
port.on('message', (request: LoaderRequest) => {
  last = last.then(() => (request === 'end' ? end() : answer(request)));
});

port.postMessage('ready' satisfies LoaderReply);

function end(): void {
  reader?.close();
  port.close();
}

async function answer({
  number,
  place: { step, part },
}: Exclude<LoaderRequest, 'end'>): Promise<void> {
  let reply: Exclude<LoaderReply, 'ready'>;
  try {
    reply = { number, batch: await definition.batch(await photographs, step, part) };
  } catch (error) {
    reply = { number, error: serializeError(error) };
  }
  const arrays = 'batch' in reply ? Object.values(reply.batch) : [];
  port.postMessage(reply, [...new Set(arrays.map(({ data }) => data.buffer as ArrayBuffer))]);
}

function outlined(outlines: Readonly<Record<string, ModuleOutline>>): FrozenModules {
  const entries = Object.entries(outlines).map(([role, { network: name, config }]) => {
    const network = findNetwork(name);
    if (network === undefined) throw new ModelError(role, `is of the unknown network ${name}`);
    return [role, { network, config, weights: new Map() }];
  });
  return Object.fromEntries(entries);
}
