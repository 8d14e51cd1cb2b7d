import { join } from 'node:path';
import { sha256Of } from '../../files/digest.js';
import { makeFolder } from '../../files/output-file.js';
import type { CompiledGraph, GraphRunner } from '../../graph/graph-runner.js';
import { type GraphMemory, lowerWithMemory } from '../../graph/index.js';
import { writeImage } from '../../images/encode.js';
import { psnr } from '../../metrics/psnr.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import type { Module } from '../../weights/module-file.js';
import { openRestorer } from '../crop-cache/frozen-restorer.js';
import type { CustomParts } from '../custom-parts.js';
import {
  defineTraining,
  type FrozenModules,
  type HeldOutSample,
  type TrainingDefinition,
  type ValidationLevel,
} from '../definition.js';
import type { Recipe } from '../recipe.js';
import { PREVIEW_FOLDER } from '../run/run-folder.js';
import { DivergenceError } from '../step/divergence.js';
import type { TaskSample, TrainingTask } from '../tasks/task.js';
import { heldOutSamples } from './held-out-samples.js';

/** What came of the held-out images at one level. */
export interface LevelScore extends ValidationLevel {
  /** Mean over the images. */
  readonly psnr: number;
  /** Means of what else the task measures, such as `flowError` in pixels. */
  readonly measures?: Readonly<Record<string, number>>;
}

/** PSNR in sRGB over whole crops, in dB: the mean over the images, and over the levels. */
export interface ValidationScore {
  /** Mean of the levels; equal images count as 100 dB. */
  readonly psnr: number;
  /** `sigma` in [0, 1] units, the timestep `t`, or the `scale` of a restorer. */
  readonly levels: readonly LevelScore[];
}

/** The log's line of a validation. */
export interface ValidationEntry {
  readonly step: number;
  readonly validation: ValidationScore & {
    /** Whether it is the best so far. */
    readonly best: boolean;
  };
}

/** A held-out image with what came of it at one level. */
export interface Preview {
  /** What the network was given, [3, h, w]. */
  readonly input: Tensor;
  readonly output: Tensor;
  readonly target: Tensor;
}

const MOST_DECIBELS = 100;

/** Judges weights by held-out images. */
export class Validation {
  /** What its graph takes. */
  readonly memory: GraphMemory;
  readonly #recipe: Recipe;
  readonly #definition: TrainingDefinition;
  readonly #compiled: CompiledGraph;
  readonly #inputs: readonly string[];
  readonly #samples: readonly HeldOutSample[];

  private constructor(
    recipe: Recipe,
    definition: TrainingDefinition,
    graph: { compiled: CompiledGraph; inputs: readonly string[]; memory: GraphMemory },
    samples: readonly HeldOutSample[],
  ) {
    this.memory = graph.memory;
    this.#recipe = recipe;
    this.#definition = definition;
    this.#compiled = graph.compiled;
    this.#inputs = graph.inputs;
    this.#samples = samples;
  }

  /**
   * Reads the held-out images of a recipe and compiles its network for them.
   * @throws as `train`; InputError for an image that is smaller than the crop.
   */
  static async open(
    recipe: Recipe,
    modules: FrozenModules,
    runner: GraphRunner,
    custom: CustomParts = {},
  ): Promise<Validation | undefined> {
    if (recipe.validation === undefined) return undefined;
    const crop = recipe.validation.crop ?? recipe.crop;
    const single: Recipe = { ...recipe, batch: 1, crop };
    const definition = singleDefinition(single, modules, custom);
    const { model, memory } = lowerWithMemory({
      outputs: { estimate: definition.estimate, ...definition.further },
      weights: definition.frozen,
    });
    const degraded = await heldOutSamples(single, definition.task, custom.dataset);
    const samples =
      definition.restoredBefore === true
        ? await restoreSamples(degraded, definition.task!, modules.restorer!, runner)
        : degraded;
    const { bytes, inputs } = model;
    const key = `validation ${sha256Of(bytes)}`;
    const compiled = await runner.compile(key, () => bytes);
    return new Validation(recipe, definition, { compiled, inputs, memory }, samples);
  }

  /** Whether a step is followed by a validation. */
  due(step: number): boolean {
    const { validation, steps } = this.#recipe;
    return step > 0 && (step % validation!.every === 0 || step === steps);
  }

  /**
   * @param onPreview receives the first images at the middle one of the levels.
   * @param checkpoint is called between images.
   * @throws DivergenceError where an estimate is not finite.
   */
  async judge(
    step: number,
    weights: ReadonlyMap<string, Tensor>,
    {
      onPreview,
      checkpoint,
    }: {
      readonly onPreview: (index: number, preview: Preview) => Promise<void>;
      readonly checkpoint: () => Promise<void>;
    },
  ): Promise<ValidationScore> {
    const { levels } = this.#definition;
    const shown = levels[Math.floor((levels.length - 1) / 2)];
    const scores: LevelScore[] = [];
    for (const level of levels) {
      let sum = 0;
      const measures = new Means();
      for (const sample of this.#samples) {
        await checkpoint();
        const { output, target, measured } = await this.#outcome(step, sample, level, weights);
        sum += Math.min(MOST_DECIBELS, psnr.open().measure(output, target));
        measures.add(measured);
        const { index } = sample;
        if (level === shown && index < this.#recipe.validation!.previews)
          await onPreview(index, {
            input: this.#definition.shown(sample, level),
            output,
            target,
          });
      }
      scores.push({ ...level, psnr: sum / this.#samples.length, ...measures.read() });
    }
    return {
      psnr: scores.reduce((sum, score) => sum + score.psnr, 0) / scores.length,
      levels: scores,
    };
  }

  async #outcome(
    step: number,
    sample: HeldOutSample,
    level: ValidationLevel,
    weights: ReadonlyMap<string, Tensor>,
  ) {
    const { probe, further = {}, image, task } = this.#definition;
    const all = { ...probe(sample, level), ...Object.fromEntries(weights) };
    const feeds = Object.fromEntries(this.#inputs.map((name) => [name, all[name]!]));
    const outputs = (await this.#compiled.run(feeds)) as Record<string, Tensor>;
    const { data } = outputs.estimate!;
    if (!data.every(Number.isFinite))
      throw new DivergenceError(
        'training',
        `step ${step}: what the averaged weights make of held-out image ${sample.index} is not finite`,
      );
    const inUnits = tensor(
      sample.target.shape,
      data.map((value) => Math.min(1, Math.max(0, value))),
    );
    const names = Object.keys(further);
    return {
      output: image?.(inUnits, sample) ?? inUnits,
      target: image?.(sample.target, sample) ?? sample.target,
      measured:
        names.length === 0
          ? {}
          : task!.measure!(Object.fromEntries(names.map((name) => [name, outputs[name]!])), sample),
    };
  }
}

/** Held-out samples with what the frozen restorer makes of them, as images. */
async function restoreSamples(
  samples: readonly HeldOutSample[],
  task: TrainingTask,
  restorer: Module,
  runner: GraphRunner,
): Promise<HeldOutSample[]> {
  const session = await openRestorer(task, restorer, runner);
  const restored: HeldOutSample[] = [];
  for (const sample of samples) {
    await runner.checkpoint();
    restored.push({ ...sample, ...(await session.restore(sample as TaskSample)) });
  }
  return restored;
}

/** A definition for one image at a time. */
function singleDefinition(recipe: Recipe, modules: FrozenModules, custom: CustomParts) {
  try {
    return defineTraining(recipe, modules, custom);
  } catch (error) {
    if (!(error instanceof ParameterError && error.details.subject === 'crop')) throw error;
    const { expected = '' } = error.details;
    throw new ParameterError('validation.crop', expected, recipe.crop);
  }
}

/** Means of figures by name. */
class Means {
  readonly #sums = new Map<string, number>();
  #count = 0;

  add(figures: Readonly<Record<string, number>>): void {
    this.#count += 1;
    for (const [name, value] of Object.entries(figures))
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
  }

  read(): { readonly measures?: Readonly<Record<string, number>> } {
    if (this.#sums.size === 0) return {};
    const means = [...this.#sums].map(([name, sum]) => [name, sum / this.#count]);
    return { measures: Object.fromEntries(means) };
  }
}

/**
 * Writes a preview as a PNG: input, output and target side by side, the input enlarged to their
 * size by repeating pixels.
 * @throws OutputError where it cannot be written.
 */
export async function writePreview(
  folder: string,
  place: { readonly step: number; readonly index: number },
  { input, output, target }: Preview,
): Promise<void> {
  const previews = join(folder, PREVIEW_FOLDER);
  await makeFolder(previews);
  const path = join(previews, `step-${place.step}-${place.index}.png`);
  await writeImage(path, { tensor: sideBySide([input, output, target]), bitDepth: 8 });
}

/** Square images in a row, each at the size of the last one. */
function sideBySide(images: readonly Tensor[]): Tensor {
  const side = images.at(-1)!.shape[1]!;
  const width = side * images.length;
  const row = tensor([3, side, width]);
  for (const [place, { shape, data }] of images.entries()) {
    const own = shape[1]!;
    for (let channel = 0; channel < 3; channel += 1)
      for (let y = 0; y < side; y += 1)
        for (let x = 0; x < side; x += 1) {
          const from = (channel * own + Math.floor((y * own) / side)) * own;
          const value = data[from + Math.floor((x * own) / side)]!;
          row.data[(channel * side + y) * width + place * side + x] = value;
        }
  }
  return row;
}
