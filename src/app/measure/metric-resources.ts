import { basename } from 'node:path';
import {
  readNaturalScenes,
  shippedNaturalScenes,
} from '../../evaluation/metrics/niqe/shipped-scenes.js';
import type {
  MetricResources,
  NetworkOfMetric,
  NetworkWeights,
} from '../../evaluation/metrics/resources.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { findPerceptualNetwork } from '../../networks/perceptual/registry.js';
import { ModelError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { joinLpips } from '../../weights/join-lpips.js';
import { decodeModel, decodeState, widen } from '../../weights/load-checkpoint.js';
import { definePerceptualModule, type PerceptualModule } from '../../weights/module-file.js';
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
  const networks = new Map<string, Promise<NetworkOfMetric>>();
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
): Promise<NetworkOfMetric> {
  const given = weights[network];
  if (given !== undefined) {
    const { module, sha256 } = await decoded(given, network);
    return { module, source: `${basename(given)} ${sha256.slice(0, 8)}` };
  }
  const source = names.join(' + ');
  const [first, second] = await Promise.all(names.map((name) => findModel(name, store)));
  if (second === undefined) return { module: (await decoded(first!, network)).module, source };
  const joined = joinLpips(await floats(first!), await floats(second));
  return { module: definePerceptualModule(findPerceptualNetwork(network)!, {}, joined), source };
}

async function decoded(
  path: string,
  network: string,
): Promise<{ readonly module: PerceptualModule; readonly sha256: string }> {
  const { bytes, sha256 } = await readModelFile(path);
  const model = decodeModel(bytes, path);
  const module = model.kind === 'perceptual' ? model.module : undefined;
  if (module?.network.name === network) return { module, sha256 };
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
