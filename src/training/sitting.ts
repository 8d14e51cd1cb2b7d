import type { PreparedRun } from './prepare.js';
import { appendLog, type TrainingProgress } from './run/log.js';
import { Meter } from './run/meter.js';
import { BEST_FILE, saveRun, saveWeights } from './run/run-folder.js';
import { DivergenceError, requireFinite } from './step/divergence.js';
import { averagedWeights } from './step/state.js';
import { oneStep } from './step/step.js';
import type { StepContext } from './step/step-context.js';
import type { TrainingListener, TrainingOptions, TrainingResult } from './training-options.js';
import { writePreview } from './validation/previews.js';
import type { Validation } from './validation/validation.js';
import { dropValidation } from './validation/validation-log.js';

/** The steps of a run that are carried out in one go. */
export class Sitting {
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

  /** Judges the averaged weights where it is time to and that was not done before a stop. */
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
