import { createEngine } from '../../engine/engine.js';
import { defineJob, type JobContext } from '../../engine/job.js';
import type { DeviceReport, Feeds, GraphRunner } from '../../graph/graph-runner.js';
import { cost, isInput, lowerToOnnx, topologicalOrder, type Value } from '../../graph/index.js';
import { loadPack } from '../../models/packs.js';
import { parseConfiguration } from '../../networks/network.js';
import { findImageNetwork } from '../../networks/registry.js';
import { networkGraph, type PixelSize } from '../../restoration/cost/network-cost.js';
import { moduleOf, type PartName, partGraph } from '../../restoration/cost/pack-parts.js';
import { isOnnx, runOnnx } from '../../restoration/index.js';
import { uniformAt } from '../../tensor/random.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import { initialWeights } from '../../training/initial-weights.js';
import { declaredParameters } from '../../weights/module-file.js';
import { configFor, packFor } from './open-subject.js';

const timeJob = defineJob<typeof timeParts>(import.meta.url, 'timeParts');

/** How a measurement is followed and stopped. */
export interface TimeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called before each part with an estimate from a small tile. */
  readonly onExpected?: (progress: TimeProgress) => void;
}

/** Seconds of one run of each part, in the order of the parts. */
export interface MeasuredTime {
  readonly seconds: readonly number[];
  readonly device: DeviceReport;
}

/**
 * Times parts on this machine, each on one tile, in an engine process.
 * @throws EngineError where a tile is more than the machine can hold, CancelledError.
 */
export async function measureTime(
  request: TimeRequest,
  { signal, onExpected = () => undefined }: TimeOptions = {},
): Promise<MeasuredTime> {
  const engine = createEngine();
  try {
    return await engine.run(timeJob, request, { signal, onProgress: onExpected });
  } finally {
    await engine.close();
  }
}

/** A graph that is timed on a tile. */
export interface TimedPart {
  readonly part: PartName | 'network';
  readonly tile: PixelSize;
}

/** What crosses to the engine process. */
export interface TimeRequest {
  readonly subject:
    | { readonly kind: 'pack'; readonly folder: string }
    | { readonly kind: 'network'; readonly name: string; readonly config: unknown };
  readonly frames?: number | undefined;
  readonly parts: readonly TimedPart[];
  readonly device: string;
  readonly threads: number | undefined;
}

/** The part that is measured next, with an estimate from a small tile. */
export interface TimeProgress {
  readonly part: TimedPart['part'];
  /** Seconds that warming up and measuring may take together. */
  readonly expected: number;
}

/** Side of the tile from which the time of a larger one is estimated. */
const TRIAL = 64;

/** Measures one run of each part, after another that warmed it up: seconds in the order of parts. */
export async function timeParts(
  context: JobContext<TimeProgress>,
  { subject, frames, parts, device, threads }: TimeRequest,
): Promise<{ readonly seconds: number[]; readonly device: GraphRunner['device'] }> {
  const runner = await context.runner({ device, ...(threads === undefined ? {} : { threads }) });
  const open = await openRuns(subject, frames, runner);
  const seconds: number[] = [];
  for (const { part, tile } of parts) {
    await context.checkpoint();
    const trial = { width: Math.min(TRIAL, tile.width), height: Math.min(TRIAL, tile.height) };
    const small = await open(part, trial);
    if (small !== undefined) {
      await small();
      const ratio = (tile.width * tile.height) / (trial.width * trial.height);
      const expected = 2 * ratio * (await timed(small));
      context.progress({ part, expected });
    }
    const run = await open(part, tile, true);
    await run!();
    seconds.push(await timed(run!));
  }
  return { seconds, device: runner.device };
}

type Run = () => Promise<unknown>;
/** Opens a part for a tile; `undefined` where an ONNX file should not run on a trial tile. */
type OpenRun = (
  part: TimedPart['part'],
  tile: PixelSize,
  isWanted?: boolean,
) => Promise<Run | undefined>;

async function openRuns(
  subject: TimeRequest['subject'],
  frames: number | undefined,
  runner: GraphRunner,
): Promise<OpenRun> {
  if (subject.kind === 'network') {
    const network = findImageNetwork(subject.name)!;
    const stated = parseConfiguration(network, subject.config);
    const config = frames === undefined ? stated : configFor(network, stated, frames);
    // What the weights are does not change how long they take.
    const weights = initialWeights(declaredParameters(network, config), 1);
    return (part, tile) => compiled(runner, part, networkGraph({ network, config }, tile), weights);
  }
  const pack = packFor(await loadPack(subject.folder), frames);
  return async (part, tile, isWanted = false) => {
    const name = part as PartName;
    const module = moduleOf(pack, name);
    if (!isOnnx(module))
      return compiled(
        runner,
        part,
        partGraph(pack, name, tile.height, tile.width)!,
        module.weights,
      );
    if (!isWanted) return undefined;
    const image = madeUp([1, 3, tile.height, tile.width]);
    return () => runOnnx(runner, module, image, name === 'denoiser' ? 0.1 : undefined);
  };
}

async function compiled(
  runner: GraphRunner,
  part: string,
  output: Value,
  weights: ReadonlyMap<string, Tensor>,
): Promise<Run> {
  const inputs = topologicalOrder([output]).filter(isInput);
  const feeds: Feeds = Object.fromEntries(
    inputs.map(({ shape, attributes }) => [attributes.name, madeUp(shape)]),
  );
  const key = `cost ${part} ${inputs.map(({ shape }) => shape.join('x')).join(' ')} ${cost([output]).macs}`;
  const graph = await runner.compile(
    key,
    () => lowerToOnnx({ outputs: { output }, weights }).bytes,
  );
  return () => graph.run(feeds);
}

/** Values in [0, 1], none so small that processors take longer for it. */
function madeUp(shape: readonly number[]): Tensor {
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, place) =>
    Math.fround(0.01 + 0.98 * uniformAt(1, 0, place)),
  );
  return { ...tensor(shape, values) };
}

async function timed(run: Run): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}
