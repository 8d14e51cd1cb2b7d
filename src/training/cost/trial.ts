import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../engine/engine.js';
import { defineJob, type JobContext } from '../../engine/job.js';
import type { DeviceReport, GraphRunner } from '../../graph/graph-runner.js';
import {
  buildTrainingStep,
  type Cost,
  conv2d,
  cost,
  gradients,
  input,
  mul,
  ParameterScope,
  reduceMean,
  type Value,
} from '../../graph/index.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import type { CropCache } from '../crop-cache/cache-file.js';
import { usesCropCache } from '../crop-cache/crop-cache.js';
import type { Dataset } from '../custom-parts.js';
import { defineTraining } from '../definition.js';
import { initialWeights, loadFrozen, partFrozen } from '../initial-weights.js';
import { prepareRun, readInputs } from '../prepare.js';
import type { Recipe } from '../recipe.js';
import { channelBlock, compileStep } from '../step/compile-step.js';
import { freshState, stateFeeds } from '../step/state.js';
import { oneStep } from '../step/training-step.js';
import { compiledMemory, type TrainingMemory } from './training-memory.js';

/** What a run would cost, found without beginning it. */
export interface TrialResult {
  readonly device: DeviceReport;
  /** On the CPU only; decoded photographs are not counted. */
  readonly memory?: TrainingMemory;
  readonly secondsPerStep: number;
  /** Whether steps were timed, or convolutions where a step would have taken too long. */
  readonly timed: 'steps' | 'convolutions';
}

const trialJob = defineJob<typeof runTrial>(import.meta.url, 'runTrial');

/** What is tried and where. */
export interface TrialOptions {
  readonly recipe: Recipe;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  readonly workers?: number | undefined;
  readonly segments?: number | undefined;
}

/** Multiply-adds of a step up to which whole steps are timed: a few seconds on two processors. */
const MOST_MACS = 2e11;
const MOST_STEPS = 5;
const MOST_SECONDS = 6;

/**
 * Measures the memory and the time of a recipe's steps in a separate process, in some seconds: a few
 * steps on synthetic images, or where these would take long, convolutions and their gradients,
 * scaled by multiply-adds.
 * @throws as `train` where the recipe does not fit.
 */
export async function tryTraining(
  options: TrialOptions,
  signal?: AbortSignal,
): Promise<TrialResult> {
  const engine = createEngine({ keepFreed: true });
  try {
    return await engine.run(trialJob, options, { signal });
  } finally {
    await engine.close();
  }
}

/** The work of `tryTraining` in the engine process. */
export async function runTrial(
  context: JobContext,
  { recipe, device, threads, workers = 0, segments = 1 }: TrialOptions,
): Promise<TrialResult> {
  const runner = await context.runner({
    planMemory: false,
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  const { macs } = await trainingCost(recipe);
  const output = join(tmpdir(), `dp-ir-trial-${randomUUID()}`);
  const { validation: _, ...alone } = recipe;
  const options = { recipe: alone as Recipe, output, segments };
  const cached = recipe.kind === 'fusion' && usesCropCache(recipe);
  const run = await prepareRun(
    options,
    await readInputs(options),
    { dataset: synthetic, cropCache: cached ? syntheticCache(recipe.crop) : undefined },
    runner.device.effective,
  );
  const step = await compileStep(run, runner);
  const memory =
    runner.device.effective === 'cpu'
      ? { memory: compiledMemory(step, { workers, photographs: 0 }) }
      : {};
  if (macs > MOST_MACS) {
    const secondsPerStep = macs / (await convolutionRate(runner));
    return { device: runner.device, ...memory, secondsPerStep, timed: 'convolutions' };
  }
  const times: number[] = [];
  // Elsewhere the first step compiles the operators, which takes longer than many steps.
  const fewest = runner.device.effective === 'cpu' ? 1 : 2;
  const began = performance.now();
  let { state } = run;
  for (let number = 1; number <= MOST_STEPS; number += 1) {
    await context.checkpoint();
    const start = performance.now();
    state = (await oneStep(number, state, step)).state;
    times.push((performance.now() - start) / 1000);
    if (number >= fewest && performance.now() - began > 1000 * MOST_SECONDS) break;
  }
  return { device: runner.device, ...memory, secondsPerStep: typical(times), timed: 'steps' };
}

/** The median; the first step, which also finds its memory, counts only where it is alone. */
function typical(times: readonly number[]): number {
  const sorted = (times.length > 1 ? times.slice(1) : [...times]).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

/** Multiply-adds per second of three convolutions of 64 features with their gradients and Adam. */
async function convolutionRate(runner: GraphRunner): Promise<number> {
  const scope = new ParameterScope();
  let x: Value = input('x', [2, 64, 64, 64]);
  const feed = tensor(x.shape, noise(sizeOf(x.shape)));
  for (const name of ['a', 'b', 'c'])
    x = conv2d(
      x,
      scope.child(name).parameter('weight', [64, 64, 3, 3], { kind: 'uniform', bound: 0.05 }),
      undefined,
      { padding: 1 },
    );
  const loss = reduceMean(mul(x, x), [0, 1, 2, 3], false);
  const trained = scope.declared();
  const { model } = buildTrainingStep({ loss, trained, channelBlock: await channelBlock(runner) });
  const { macs } = cost([loss, ...gradients(loss, [...trained.values()])]);
  const compiled = await runner.compile('convolution rate', () => model.bytes);
  const all = freshState(initialWeights(trained, 0));
  const feeds = {
    x: feed,
    ...stateFeeds(all),
    stepSize: tensor([], [0]),
    secondCorrection: tensor([], [1]),
  };
  const used = Object.fromEntries(
    Object.entries(feeds).filter(([name]) => model.inputs.includes(name)),
  );
  const times: number[] = [];
  for (let i = 0; i < MOST_STEPS; i += 1) {
    const start = performance.now();
    await compiled.run(used);
    times.push((performance.now() - start) / 1000);
  }
  return macs / typical(times);
}

/** Crops that need no photographs. */
const synthetic: Dataset = async ({ size }): Promise<Tensor> =>
  tensor([3, size, size], noise(3 * size * size));

/** Restored crops that need no restorer. */
function syntheticCache(crop: number): CropCache {
  const image = tensor([3, crop, crop], noise(3 * crop * crop));
  return { count: 1, read: () => ({ restored: image, target: image }) };
}

/** Numbers in [0, 1) without a pattern that matters. */
function noise(count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 8) / 2 ** 24,
  );
}

/**
 * The trained parameters of a recipe, and the multiply-adds of one training step: forward, with
 * the frozen modules, and backward, for all batches of the step.
 * @throws as `train` where the recipe or a frozen module does not fit.
 */
export async function trainingCost(recipe: Recipe): Promise<Cost> {
  const { modules } = await loadFrozen(recipe);
  const { loss, trained } = defineTraining(recipe, modules);
  const parameters = [...partFrozen(trained, recipe.freeze).trained.values()];
  const { macs } = cost([loss, ...gradients(loss, parameters)]);
  return {
    parameters: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    macs: macs * recipe.accumulate,
  };
}
