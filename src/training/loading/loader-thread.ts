import { parentPort, workerData } from 'node:worker_threads';
import { serializeError } from '../../engine/serialized-error.js';
import type { Feeds } from '../../graph/graph-runner.js';
import { findImageNetwork } from '../../networks/registry.js';
import { inSharedMemory } from '../../tensor/shared-memory.js';
import { ModelError } from '../../utils/errors.js';
import { CropCacheReader } from '../crop-cache/cache-file.js';
import { defineTraining, type FrozenModules } from '../definition.js';
import { openSource } from '../photographs/photographs.js';
import type {
  LoaderReply,
  LoaderRequest,
  LoaderTask,
  ModuleOutline,
  SharedBatch,
} from './batch-loader.js';

const { recipe, modules, cacheBytes, cropCache } = workerData as LoaderTask;
const port = parentPort!;

const reader =
  cropCache === undefined ? undefined : new CropCacheReader(cropCache.path, cropCache.content);
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
  into,
}: Exclude<LoaderRequest, 'end'>): Promise<void> {
  let reply: Exclude<LoaderReply, 'ready'>;
  try {
    const batch = placed(await definition.batch(await photographs, step, part), into);
    reply = batch === into ? { number } : { number, batch };
  } catch (error) {
    reply = { number, error: serializeError(error) };
  }
  port.postMessage(reply);
  // What a batch was made of is small for JavaScript and large for the process.
  globalThis.gc?.({ type: 'minor' });
}

/** The batch in arrays that threads share: those of `into` where it fits them. */
function placed(batch: Feeds, into: SharedBatch | undefined): SharedBatch {
  const entries = Object.entries(batch);
  const fits = entries.every(([name, { dataType, shape }]) => {
    const place = into?.[name];
    return place?.dataType === dataType && place.shape.join() === shape.join();
  });
  if (into === undefined || !fits)
    return Object.fromEntries(entries.map(([name, value]) => [name, inSharedMemory(value)]));
  for (const [name, { data }] of entries)
    (into[name]!.data as Float32Array).set(data as Float32Array);
  return into;
}

function outlined(outlines: Readonly<Record<string, ModuleOutline>>): FrozenModules {
  const entries = Object.entries(outlines).map(([role, { network: name, config }]) => {
    const network = findImageNetwork(name);
    if (network === undefined) throw new ModelError(role, `is of the unknown network ${name}`);
    return [role, { network, config, weights: new Map() }];
  });
  return Object.fromEntries(entries);
}
