import type { GraphRunner } from '../graph/graph-runner.js';
import type { GraphMemory } from '../graph/index.js';
import { CancelledError } from '../utils/errors.js';
import { announceMemory } from './cost/training-memory.js';
import { fillCropCache } from './crop-cache/crop-cache.js';
import { openRestorer, restorerMemory, withRestoredError } from './crop-cache/frozen-restorer.js';
import type { CustomParts } from './custom-parts.js';
import { recipeNetwork } from './definition.js';
import { type PreparedRun, prepareRun, readInputs, trainingPhotographs } from './prepare.js';
import { appendLog, dropValidation, type TrainingProgress, trimLog } from './run/log.js';
import {
  BEST_FILE,
  lockRun,
  makeRunFolder,
  removeIfEmpty,
  removeLeftovers,
  saveRun,
  saveWeights,
  setAside,
} from './run/run-folder.js';
import type { TrainingListener, TrainingOptions, TrainingResult } from './run-training.js';
import { compileStep } from './step/compile-step.js';
import { DivergenceError, requireFinite } from './step/divergence.js';
import { averagedWeights } from './step/state.js';
import { oneStep, type StepContext } from './step/training-step.js';
import { Validation, writePreview } from './validation/validation.js';

/**
 * Trains a recipe on a runner, with the caller's parts where given. When `checkpoint` of the runner
 * throws because the job was cancelled, the state is saved and the error passed on. A run that was
 * stopped anywhere and resumed gives the very weights of an uninterrupted one, since every batch is
 * a function of the seed and the step.
 * @throws ParameterError for a recipe whose entries do not fit each other or the run; ModelError
 * for modules that are missing or do not fit, and when the loss, a gradient or the state is no
 * longer finite: nothing of that step is saved; InputError for photographs; OutputError where the
 * folder is in use or cannot be written, and then an earlier state is intact; CancelledError.
 */
export async function trainOn(
  options: TrainingOptions,
  runner: GraphRunner,
  listener: TrainingListener = {},
  custom: CustomParts = {},
): Promise<TrainingResult> {
  const { output } = options;
  recipeNetwork(options.recipe, custom.networks);
  await trainingPhotographs(options.recipe, custom);
  const created = await makeRunFolder(output);
  const lock = await lockRun(output);
  try {
    await removeLeftovers(output);
    const inputs = await readInputs(options, custom);
    const recipe =
      inputs.saved === undefined
        ? await withRestoredError(inputs.recipe, inputs.modules, runner, custom)
        : inputs.recipe;
    const run = await prepareRun(options, { ...inputs, recipe }, custom, runner.device.effective);
    try {
      const context = await compileStep(run, runner);
      const validation = await Validation.open(recipe, run.modules, runner, custom);
      if (runner.device.effective === 'cpu') {
        const others = [validation?.memory, restorerGraphMemory(run)];
        const memory = await announceMemory(run, { ...context, others }, options.memory);
        listener.onMemory?.(memory);
      }
      await restoreCrops(run, runner, options, listener);
      // Of a run that was killed before its first save there may be a log.
      await trimLog(output, run.position.step);
      if (run.resumed) await syncFolder(output, run, listener);
      const loop = new TrainingLoop({ ...options, recipe }, run, { context, validation }, listener);
      return await loop.run(() => runner.checkpoint());
    } finally {
      await run.close();
    }
  } finally {
    await lock.release();
    if (created) await removeIfEmpty(output);
  }
}

/**
 * As `trainOn`, except that a run cancelled after its first step resolves with an unfinished
 * result.
 */
export async function trainUntilStopped(
  options: TrainingOptions,
  runner: GraphRunner,
  listener: TrainingListener,
  custom: CustomParts,
): Promise<TrainingResult> {
  let reached: TrainingResult | undefined;
  const onStep = (step: number, seconds: number): void => {
    reached = { step, seconds, finished: false };
    listener.onStep?.(step, seconds);
  };
  try {
    return await trainOn(options, runner, { ...listener, onStep }, custom);
  } catch (error) {
    if (error instanceof CancelledError && reached !== undefined) return reached;
    throw error;
  }
}

/** The memory of the restorer's graph, where a run caches restored crops. */
function restorerGraphMemory({
  cropCache,
  definition,
  modules,
}: PreparedRun): GraphMemory | undefined {
  return cropCache && restorerMemory(definition.task!, modules.restorer!);
}

/** Makes the restored crops that a run draws from, where it caches them. */
async function restoreCrops(
  { cropCache, position: { recipe }, definition, modules, photographs }: PreparedRun,
  runner: GraphRunner,
  { cacheBytes }: TrainingOptions,
  { onRestored }: TrainingListener,
): Promise<void> {
  if (cropCache === undefined || recipe.kind !== 'fusion') return;
  const task = definition.task!;
  const restorer = () => openRestorer(task, modules.restorer!, runner);
  await fillCropCache(
    cropCache,
    { recipe, task, photographs, openRestorer: restorer },
    {
      checkpoint: () => runner.checkpoint(),
      ...(cacheBytes === undefined ? {} : { limit: cacheBytes }),
      ...(onRestored === undefined ? {} : { onCrop: onRestored }),
    },
  );
}

/** Makes the files of a folder agree with its newest intact state. */
async function syncFolder(
  output: string,
  run: PreparedRun,
  listener: TrainingListener,
): Promise<void> {
  const { step, device } = run.position;
  const warnings = run.damaged.map(
    (path) => `${path} is damaged and was renamed; the run continues from step ${step}`,
  );
  if (run.deviceBefore !== undefined && run.deviceBefore !== device)
    warnings.push(
      `the run continues on ${device} after ${run.deviceBefore}: results agree up to rounding, not bit by bit`,
    );
  for (const warning of warnings) {
    await appendLog(output, { step, warning });
    listener.onWarning?.(warning);
  }
  await setAside(run.damaged);
  await saveWeights(output, run.state, run.result);
}

/** The steps of a run from its start or resumption to its end or stop. */
class TrainingLoop {
  readonly #options: TrainingOptions;
  readonly #run: PreparedRun;
  readonly #context: StepContext;
  readonly #validation: Validation | undefined;
  readonly #listener: TrainingListener;
  readonly #meter: Meter;
  readonly #started = performance.now();
  #lastSaved = performance.now();
  #state: PreparedRun['state'];
  #position: PreparedRun['position'];

  constructor(
    options: TrainingOptions,
    run: PreparedRun,
    graphs: { readonly context: StepContext; readonly validation: Validation | undefined },
    listener: TrainingListener,
  ) {
    this.#options = options;
    this.#run = run;
    this.#context = graphs.context;
    this.#validation = graphs.validation;
    this.#listener = listener;
    this.#meter = new Meter(options.recipe.batch * options.recipe.accumulate);
    this.#state = run.state;
    this.#position = run.position;
  }

  async run(checkpoint: () => Promise<void>): Promise<TrainingResult> {
    const { recipe, saveEvery = 120 } = this.#options;
    this.#listener.onStep?.(this.#done, this.#seconds());
    try {
      await this.#validate(checkpoint);
      while (this.#done < recipe.steps) {
        await checkpoint();
        await this.#advance();
        await this.#validate(checkpoint);
        if (performance.now() - this.#lastSaved > saveEvery * 1000) await this.#save();
      }
    } catch (error) {
      if (!(error instanceof DivergenceError || this.#spoilt)) await this.#save();
      throw error;
    }
    await this.#save();
    return { step: this.#done, seconds: this.#seconds(), finished: true };
  }

  get #done(): number {
    return this.#position.step;
  }

  /** Whether a failure has left the state between two steps. */
  get #spoilt(): boolean {
    return 'updater' in this.#context && this.#context.updater.spoilt;
  }

  async #advance(): Promise<void> {
    const { recipe, output, logEvery = 20 } = this.#options;
    const start = performance.now();
    const outcome = await oneStep(this.#done + 1, this.#state, this.#context);
    this.#state = outcome.state;
    this.#position = { ...this.#position, step: this.#done + 1 };
    this.#meter.add(outcome.loss, outcome.making, performance.now() - start);
    this.#listener.onStep?.(this.#done, this.#seconds());
    if (this.#done % logEvery !== 0 && this.#done !== recipe.steps) return;
    const progress: TrainingProgress = {
      step: this.#done,
      steps: recipe.steps,
      ...this.#meter.read(),
      learningRate: outcome.learningRate,
      seconds: this.#seconds(),
    };
    await appendLog(output, progress);
    this.#listener.onProgress?.(progress);
  }

  /** Validates the averaged weights where a validation is due that was not done before a stop. */
  async #validate(checkpoint: () => Promise<void>): Promise<void> {
    const step = this.#done;
    const before = this.#position.validation;
    if (this.#validation?.due(step) !== true || before?.step === step) return;
    const { output } = this.#options;
    const { result } = this.#run;
    // The log may hold a validation of this step that the state does not know of.
    if (step === this.#run.position.step) await dropValidation(output, step);
    const weights = averagedWeights(this.#state, result.names);
    const score = await this.#validation.judge(step, weights, {
      onPreview: (index, preview) => writePreview(output, { step, index }, preview),
      checkpoint,
    });
    const best = before === undefined || score.psnr > before.best.psnr;
    if (best) await saveWeights(output, this.#state, result, { file: BEST_FILE });
    const entry = { step, validation: { ...score, best } };
    await appendLog(output, entry);
    const holder = best ? { step, psnr: score.psnr } : before.best;
    this.#position = { ...this.#position, validation: { step, best: holder } };
    this.#listener.onValidation?.(entry);
  }

  async #save(): Promise<void> {
    requireFinite(this.#done, this.#state);
    const reached = { ...this.#position, seconds: this.#seconds() };
    await saveRun(this.#options.output, reached, this.#state, this.#run.result);
    this.#lastSaved = performance.now();
  }

  #seconds(): number {
    return this.#run.position.seconds + (performance.now() - this.#started) / 1000;
  }
}

/** Means over the steps between two readings. */
class Meter {
  readonly #batch: number;
  #loss = 0;
  #count = 0;
  #making = 0;
  #total = 0;

  /** @param batch samples per step. */
  constructor(batch: number) {
    this.#batch = batch;
  }

  /** Counts one step: its loss, and the milliseconds of making its batch and of all of it. */
  add(loss: number, making: number, total: number): void {
    this.#loss += loss;
    this.#count += 1;
    this.#making += making;
    this.#total += total;
  }

  /** The means since the reading before; starts anew. */
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
