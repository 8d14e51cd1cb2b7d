import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { decodeModule, type Module } from '../checkpoints/module-file.js';
import type { CompiledGraph, GraphRunner } from '../engine/contract.js';
import { adamFactors, buildTrainingStep, type TrainingStep } from '../graph/index.js';
import { ModelError, ParameterError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { defineTraining, recipeNetwork } from './define.js';
import { initialWeights } from './initialise.js';
import type { FrozenModules, TrainingDefinition } from './kinds/kind.js';
import { learningRateAt } from './learning-rate.js';
import { openPhotographs, type Photographs } from './photographs.js';
import type { Recipe } from './recipe.js';
import { appendLog, loadRun, makeRunFolder, saveRun, trimLog } from './run-folder.js';
import {
  followingState,
  freshState,
  requireState,
  stateFeeds,
  type TrainingState,
} from './state.js';

/** Where and how a recipe is carried out. */
export interface TrainingOptions {
  readonly recipe: Recipe;
  /** Folder of the run: state, weights and log. */
  readonly output: string;
  /** Goes on with the run in `output`; without it a folder with a run is refused. */
  readonly resume?: boolean;
  /** Weights to start from instead of random ones: a module file of the same network. */
  readonly from?: string;
  /** Seconds between saves; default 120. */
  readonly saveEvery?: number;
  /** Steps between log lines; default 20. */
  readonly logEvery?: number;
}

/** One line of a run's log. */
export interface TrainingProgress {
  readonly step: number;
  readonly steps: number;
  /** Mean over the steps since the line before. */
  readonly loss: number;
  readonly learningRate: number;
  readonly samplesPerSecond: number;
  /** Share of the time that batches took to be made. */
  readonly batchShare: number;
  /** Seconds of training in all sittings. */
  readonly seconds: number;
}

export interface TrainingResult {
  readonly step: number;
  readonly seconds: number;
  readonly finished: boolean;
}

/**
 * Carries out a recipe on a runner. When `checkpoint` of the runner refuses, because the job was
 * cancelled, the state is saved and the error passed on. A run that was stopped anywhere and
 * resumed gives the very weights of an uninterrupted one, since every batch is a function of the
 * seed and the step.
 * @throws ModelError when the loss or a gradient is no longer finite: nothing of that step is
 * saved.
 */
export async function train(
  options: TrainingOptions,
  runner: GraphRunner,
  onProgress: (progress: TrainingProgress) => void = () => {},
): Promise<TrainingResult> {
  const { recipe, output, saveEvery = 120, logEvery = 20 } = options;
  const { network, config } = recipeNetwork(recipe);
  const definition = defineTraining(recipe, await loadFrozen(recipe));
  const saved = await startingPoint(options);
  const photographs = await openPhotographs(recipe.data, { reductions: recipe.reductions });
  const step = buildTrainingStep({ ...definition, average: true });
  const compiled = await runner.compile('training-step', () => step.model.bytes);
  let state =
    saved === undefined
      ? freshState(await startingWeights(options, definition))
      : requireState(saved.tensors, definition.trained, output);
  await makeRunFolder(output);
  if (saved !== undefined) await trimLog(output, saved.step);

  const before = saved?.seconds ?? 0;
  const started = performance.now();
  const elapsed = (): number => before + (performance.now() - started) / 1000;
  let done = saved?.step ?? 0;
  let lastSaved = performance.now();
  const save = async (): Promise<void> => {
    const result = { network, config, names: definition.trained.keys() };
    await saveRun(output, { recipe, step: done, seconds: elapsed(), state }, result);
    lastSaved = performance.now();
  };
  const meter = new Meter(recipe.batch);
  try {
    while (done < recipe.steps) {
      await runner.checkpoint();
      const outcome = await oneStep(done + 1, {
        recipe,
        definition,
        photographs,
        step,
        compiled,
        state,
        meter,
      });
      state = outcome.state;
      done += 1;
      if (done % logEvery === 0 || done === recipe.steps) {
        const progress = {
          step: done,
          steps: recipe.steps,
          ...meter.read(),
          learningRate: outcome.learningRate,
          seconds: elapsed(),
        };
        await appendLog(output, progress);
        onProgress(progress);
      }
      if (performance.now() - lastSaved > saveEvery * 1000) await save();
    }
  } catch (error) {
    if (!(error instanceof DivergenceError)) await save();
    throw error;
  }
  await save();
  return { step: done, seconds: elapsed(), finished: true };
}

/** The loss or a gradient is no longer a number. */
class DivergenceError extends ModelError {}

interface StepContext {
  readonly recipe: Recipe;
  readonly definition: TrainingDefinition;
  readonly photographs: Photographs;
  readonly step: TrainingStep;
  readonly compiled: CompiledGraph;
  readonly state: TrainingState;
  readonly meter: Meter;
}

async function oneStep(
  number: number,
  { recipe, definition, photographs, step, compiled, state, meter }: StepContext,
): Promise<{ state: TrainingState; learningRate: number }> {
  const start = performance.now();
  const batch = await definition.batch(photographs, number);
  const ready = performance.now();
  const learningRate = learningRateAt(number, recipe);
  const { stepSize, secondCorrection } = adamFactors(number, learningRate);
  const outputs = await compiled.run({
    ...batch,
    ...stateFeeds(state),
    stepSize: tensor([], [stepSize]),
    secondCorrection: tensor([], [secondCorrection]),
    averageDecay: tensor([], [Math.min(recipe.average, number / (number + 10))]),
  });
  const loss = outputs.loss!.data[0] as number;
  const largest = outputs.largestGradient!.data[0] as number;
  const next = followingState(step, outputs);
  if (!Number.isFinite(loss) || !Number.isFinite(largest))
    throw new DivergenceError('training', `step ${number}: ${firstBad(loss, next)}`, {
      expected: 'a finite loss; lower the learning rate',
    });
  meter.add(loss, ready - start, performance.now() - start);
  return { state: next, learningRate };
}

function firstBad(loss: number, state: TrainingState): string {
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  for (const [name, { data }] of state)
    if (data.some((value) => !Number.isFinite(value))) return `${name} is no longer finite`;
  return 'a gradient is no longer finite';
}

/** Means between two readings. */
class Meter {
  readonly #batch: number;
  #loss = 0;
  #count = 0;
  #making = 0;
  #total = 0;

  constructor(batch: number) {
    this.#batch = batch;
  }

  add(loss: number, making: number, total: number): void {
    this.#loss += loss;
    this.#count += 1;
    this.#making += making;
    this.#total += total;
  }

  read(): { loss: number; samplesPerSecond: number; batchShare: number } {
    const reading = {
      loss: this.#loss / this.#count,
      samplesPerSecond: (1000 * this.#batch * this.#count) / this.#total,
      batchShare: this.#making / this.#total,
    };
    this.#loss = this.#count = this.#making = this.#total = 0;
    return reading;
  }
}

async function startingPoint({ recipe, output, resume = false }: TrainingOptions) {
  const saved = await loadRun(output);
  if (saved === undefined) {
    if (resume) throw new ParameterError('resume', 'a folder with a run', output);
    return undefined;
  }
  if (!resume)
    throw new ParameterError(
      'output',
      'a folder without a run',
      output,
      'Resume it, or name another',
    );
  if (!isDeepStrictEqual({ ...saved.recipe, steps: 0 }, { ...recipe, steps: 0 }))
    throw new ParameterError(
      'recipe',
      `that of the run in ${output}, but for steps`,
      'another one',
    );
  return saved;
}

async function startingWeights(
  { recipe, from }: TrainingOptions,
  { trained }: TrainingDefinition,
): Promise<ReadonlyMap<string, Tensor>> {
  if (from === undefined) return initialWeights(trained, recipe.seed);
  const module = await loadModule(from);
  const { network, config } = recipeNetwork(recipe);
  if (module.network !== network || !isDeepStrictEqual(module.config, config))
    throw new ModelError(from, 'is of another network or configuration than the recipe');
  return module.weights;
}

async function loadFrozen(recipe: Recipe): Promise<FrozenModules> {
  if (recipe.kind !== 'fusion') return {};
  const { restorer, denoiser } = recipe;
  return { restorer: await loadModule(restorer), denoiser: await loadModule(denoiser) };
}

async function loadModule(path: string): Promise<Module> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new ModelError(path, 'cannot be read', { cause });
  }
  return decodeModule(bytes, path);
}
