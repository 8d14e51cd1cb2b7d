import { decodeModel } from '../../checkpoints/decode-model.js';
import { decodeState } from '../../checkpoints/decode-state.js';
import { joinLpips } from '../../checkpoints/perceptual/join-lpips.js';
import {
  definePerceptualModule,
  type PerceptualModule,
} from '../../checkpoints/perceptual/perceptual-module.js';
import { widen } from '../../checkpoints/widen.js';
import type { GraphRunner } from '../../engine/contract.js';
import {
  readNaturalScenes,
  shippedNaturalScenes,
} from '../../evaluation/metrics/niqe/shipped-scenes.js';
import type { MetricResources, NetworkWeights } from '../../evaluation/metrics/resources.js';
import { findPerceptualNetwork } from '../../networks/perceptual/registry.js';
import { ModelError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { findModel } from '../models/find-model.js';
import { readModelFile } from '../models/model-file.js';
import type { MetricFiles } from './metric-files.js';

/**
 * What metrics are made of, from files of this machine; each is read once, when it is needed.
 * Weights that are not there are never replaced by others: opening their metric throws ModelError.
 */
export function metricResources(
  files: MetricFiles,
  runner: () => Promise<GraphRunner>,
): MetricResources {
  const networks = new Map<string, Promise<PerceptualModule>>();
  const naturalScenes = once(() =>
    files.naturalScenes === undefined
      ? shippedNaturalScenes()
      : readNaturalScenes(files.naturalScenes),
  );
  return {
    scores: new Map(),
    naturalScenes,
    runner: once(runner),
    network: (weights) => {
      const known = networks.get(weights.network) ?? readNetwork(weights, files);
      networks.set(weights.network, known);
      return known;
    },
  };
}

async function readNetwork(
  { network, files: names }: NetworkWeights,
  { store, weights = {} }: MetricFiles,
): Promise<PerceptualModule> {
  const given = weights[network];
  if (given !== undefined) return requireNetwork(await decoded(given), network, given);
  const [first, second] = await Promise.all(names.map((name) => findModel(name, store)));
  if (second === undefined) return requireNetwork(await decoded(first!), network, first!);
  const joined = joinLpips(await floats(first!), await floats(second));
  return definePerceptualModule(findPerceptualNetwork(network)!, {}, joined);
}

async function decoded(path: string): Promise<PerceptualModule | undefined> {
  const model = decodeModel((await readModelFile(path)).bytes, path);
  return model.kind === 'perceptual' ? model.module : undefined;
}

function requireNetwork(
  module: PerceptualModule | undefined,
  network: string,
  path: string,
): PerceptualModule {
  if (module?.network.name === network) return module;
  throw new ModelError(path, `holds no weights of ${network}`, {
    expected: network,
    received: module?.network.name ?? 'another kind of model',
  });
}

async function floats(path: string): Promise<Map<string, Tensor>> {
  const { tensors } = decodeState((await readModelFile(path)).bytes, path);
  return new Map([...tensors].map(([key, value]) => [key, widen(value, key, path)]));
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
