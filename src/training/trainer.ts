import { createHash } from 'node:crypto';
import type { GraphRunner } from '../engine/contract.js';
import { buildTrainingStep } from '../graph/index.js';
import { recipeNetwork } from './define.js';
import { appendLog, type TrainingProgress, trimLog } from './log.js';
import { Meter } from './meter.js';
import { openPhotographs } from './photographs.js';
import { type PreparedRun, prepareRun, type RunPlace } from './prepare.js';
import {
  makeRunFolder,
  removeIfEmpty,
  removeLeftovers,
  saveRun,
  saveWeights,
} from './run-folder.js';
import { lockRun } from './run-lock.js';
import { DivergenceError, oneStep, requireFinite, type StepContext } from './step.js';

/** Where and how a recipe is carried out. */
export interface TrainingOptions extends RunPlace {
  /** Seconds between saves; default 120. */
  readonly saveEvery?: number;
  /** Steps between log lines; default 20. */
  readonly logEvery?: number;
}

/** Who is told of a run's course. */
export interface TrainingListener {
  /**
   * Receives the steps done and the seconds of training so far: before the first step of this
   * sitting, and after each.
   */
  readonly onStep?: (step: number, seconds: number) => void;
  /** Receives every line of the log. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface TrainingResult {
  readonly step: number;
  /** Seconds of training in all sittings. */
  readonly seconds: number;
  /** False where the run was stopped before its last step; it can be resumed. */
  readonly finished: boolean;
}

/**
 * Carries out a recipe on a runner. When `checkpoint` of the runner refuses, because the job was
 * cancelled, the state is saved and the error passed on. A run that was stopped anywhere and
 * resumed gives the very weights of an uninterrupted one, since every batch is a function of the
 * seed and the step.
 * @throws ParameterError for a recipe whose entries do not fit each other or the run; ModelError
 * for modules that are missing or do not fit, and when the loss, a gradient or the state is no
 * longer finite: nothing of that step is saved; InputError for photographs; OutputError where the
 * folder is in use or cannot be written, and then an earlier state is intact; CancelledError.
 */
export async function train(
  options: TrainingOptions,
  runner: GraphRunner,
  listener: TrainingListener | ((progress: TrainingProgress) => void) = {},
): Promise<TrainingResult> {
  const { recipe, output } = options;
  recipeNetwork(recipe);
  await openPhotographs(recipe.data);
  const made = await makeRunFolder(output);
  const lock = await lockRun(output);
  try {
    await removeLeftovers(output);
    const run = await prepareRun(options);
    try {
      if (run.resumed) {
        await trimLog(output, run.position.step);
        await saveWeights(output, run.state, run.result);
      }
      const context = await compile(run, runner);
      const listening = typeof listener === 'function' ? { onProgress: listener } : listener;
      return await new Sitting(options, run, context, listening).run(() => runner.checkpoint());
    } finally {
      await run.close();
    }
  } finally {
    await lock.release();
    if (made) await removeIfEmpty(output);
  }
}

async function compile(run: PreparedRun, runner: GraphRunner): Promise<StepContext> {
  const { definition, photographs, position } = run;
  const step = buildTrainingStep({ ...definition, average: true });
  const { bytes } = step.model;
  const key = `training-step ${createHash('sha256').update(bytes).digest('hex')}`;
  const compiled = await runner.compile(key, () => bytes);
  return { recipe: position.recipe, definition, photographs, step, compiled };
}

/** The steps of a run that are carried out in one go. */
class Sitting {
  readonly #options: TrainingOptions;
  readonly #run: PreparedRun;
  readonly #context: StepContext;
  readonly #listener: TrainingListener;
  readonly #meter: Meter;
  readonly #started = performance.now();
  #lastSaved = performance.now();
  #state: PreparedRun['state'];
  #done: number;

  constructor(
    options: TrainingOptions,
    run: PreparedRun,
    context: StepContext,
    listener: TrainingListener,
  ) {
    this.#options = options;
    this.#run = run;
    this.#context = context;
    this.#listener = listener;
    this.#meter = new Meter(options.recipe.batch);
    this.#state = run.state;
    this.#done = run.position.step;
  }

  async run(checkpoint: () => Promise<void>): Promise<TrainingResult> {
    const { recipe, saveEvery = 120 } = this.#options;
    this.#listener.onStep?.(this.#done, this.#seconds());
    while (this.#done < recipe.steps) {
      try {
        await checkpoint();
        await this.#advance();
      } catch (error) {
        if (!(error instanceof DivergenceError)) await this.#save();
        throw error;
      }
      if (performance.now() - this.#lastSaved > saveEvery * 1000) await this.#save();
    }
    await this.#save();
    return { step: this.#done, seconds: this.#seconds(), finished: true };
  }

  async #advance(): Promise<void> {
    const { recipe, output, logEvery = 20 } = this.#options;
    const start = performance.now();
    const outcome = await oneStep(this.#done + 1, this.#state, this.#context);
    this.#state = outcome.state;
    this.#done += 1;
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

  async #save(): Promise<void> {
    const { position, result } = this.#run;
    requireFinite(this.#done, this.#state);
    const reached = { ...position, step: this.#done, seconds: this.#seconds() };
    await saveRun(this.#options.output, reached, this.#state, result);
    this.#lastSaved = performance.now();
  }

  #seconds(): number {
    return this.#run.position.seconds + (performance.now() - this.#started) / 1000;
  }
}
