import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFile, readWeights } from '../../files/input-file.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import type { Metric, MetricResources, NetworkWeights, OpenMetric } from '../../metrics/metric.js';
import { type NaturalScenes, parseNaturalScenes } from '../../metrics/niqe.js';
import { parseMetricRequest } from '../../metrics/request.js';
import { findModel } from '../../models/export-model.js';
import { readModelFile } from '../../models/import-model.js';
import { findPerceptualNetwork } from '../../networks/registry.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import { findEntry } from '../../weights/catalogue/catalogue.js';
import { joinLpips } from '../../weights/join-lpips.js';
import { decodeModel, decodeState, widen } from '../../weights/load-checkpoint.js';
import { defineModule, type PerceptualModule } from '../../weights/module-file.js';
import { createPerceptualMetric } from './perceptual.js';

/** A metric that was requested, or the reason why it cannot be measured here. */
type RequestedMetric =
  | { readonly request: string; readonly metric: OpenMetric }
  | { readonly request: string; readonly missing: string };

/**
 * Opens metrics; missing weights of one do not keep the others from opening.
 * @param requests as `parseMetricRequest` reads them.
 * @throws ParameterError for a metric or setting that does not exist.
 */
export async function openMetrics(
  requests: readonly string[],
  files: MetricFiles,
  runner: () => Promise<GraphRunner>,
): Promise<RequestedMetric[]> {
  const resources = metricResources(files, runner);
  const parsed = requests.map((request) => ({ request, ...parseMetricRequest(request) }));
  const opened: RequestedMetric[] = [];
  for (const { request, metric, settings } of parsed) {
    const commands = await pullCommands(metric, files);
    if (commands.length > 0) {
      opened.push({ request, missing: `its weights are not stored yet: ${commands.join('; ')}` });
      continue;
    }
    try {
      opened.push({ request, metric: await metric.open(settings, resources) });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      opened.push({ request, missing: error.message });
    }
  }
  return opened;
}

/**
 * What metrics load, from files of this machine; each file is read once, when it is first needed.
 * Missing weights are never replaced by others: opening their metric throws ModelError.
 */
export function metricResources(
  files: MetricFiles,
  runner: () => Promise<GraphRunner>,
): MetricResources {
  const cache = new Map<string, Promise<unknown>>();
  const shared = <Value>(key: string, make: () => Promise<Value>): Promise<Value> => {
    const found = (cache.get(key) as Promise<Value> | undefined) ?? make();
    cache.set(key, found);
    return found;
  };
  return {
    shared,
    naturalScenes: () =>
      shared('natural scenes', () => readNaturalScenes(files.naturalScenes ?? shippedScenesPath)),
    network: (weights) =>
      shared(`network ${weights.network}`, async () => {
        const { module, source } = await readNetwork(weights, files);
        const score = createPerceptualMetric(module, await shared('runner', runner));
        return { score, direction: module.network.better, source };
      }),
  };
}

/**
 * The network that weights make.
 * @throws ModelError where they are missing, damaged or of another network.
 */
export async function readNetwork(
  { network, files: names }: NetworkWeights,
  { store, weights = {} }: MetricFiles,
): Promise<{ readonly module: PerceptualModule; readonly source: string }> {
  const given = weights[network];
  if (given !== undefined) {
    const { module, sha256 } = await decoded(given, network);
    return { module, source: `${basename(given)} ${sha256.slice(0, 8)}` };
  }
  const source = names.join(' + ');
  const [first, second] = await Promise.all(names.map((name) => findModel(name, store)));
  if (second === undefined) return { module: (await decoded(first!, network)).module, source };
  const joined = joinLpips(await floats(first!), await floats(second));
  return { module: defineModule(findPerceptualNetwork(network)!, {}, joined), source };
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

/** Where what metrics need lies on this machine; it survives a structured clone. */
export interface MetricFiles {
  /** Folder in which models are stored. */
  readonly store: string;
  /** Files of weights by the name of the network, in place of published ones. */
  readonly weights?: Readonly<Record<string, string>> | undefined;
  /** Parameters of NIQE as JSON, in place of those that come with the package. */
  readonly naturalScenes?: string | undefined;
}

/** The commands that bring the weights of a metric onto this machine; none where all are here. */
export async function pullCommands(
  { weights }: Metric,
  { store, weights: given = {} }: MetricFiles,
): Promise<string[]> {
  if (weights === undefined || given[weights.network] !== undefined) return [];
  const commands: string[] = [];
  for (const name of weights.files) {
    const entry = findEntry(name);
    if (entry !== undefined && (await isFile(join(store, entry.file)))) continue;
    commands.push(`dp-ir models pull ${name}${entry?.manual ? ' --from FILE' : ''}`);
  }
  return commands;
}

const shippedScenesPath = fileURLToPath(
  new URL('../../../models/niqe/natural-scenes.json', import.meta.url),
);
const maxScenesBytes = 2 ** 20;

/**
 * The natural scenes that come with the package, fitted on photographs in the public domain.
 * @throws ModelError where the file is missing or damaged.
 */
export function shippedNaturalScenes(): Promise<NaturalScenes> {
  return readNaturalScenes(shippedScenesPath);
}

/**
 * Natural scenes from a JSON file, as `parseNaturalScenes` describes it.
 * @throws ModelError where it cannot be read or holds something else.
 */
export async function readNaturalScenes(path: string): Promise<NaturalScenes> {
  const bytes = await readWeights(path);
  if (bytes.length > maxScenesBytes)
    throw new ModelError(path, `is larger than ${maxScenesBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelError(path, 'is not JSON', { cause });
  }
  return parseNaturalScenes(json, path);
}
