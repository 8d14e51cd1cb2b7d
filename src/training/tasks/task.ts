import type { z } from 'zod';
import type { Camera } from '../../degradation/camera/camera.js';
import type { ParameterScope, Value } from '../../graph/index.js';
import type { ImageNetwork } from '../../networks/network.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Identifies the random numbers of a sample's degradation. */
export interface DegradationKey {
  readonly seed: number;
  readonly index: number;
}

/** A degraded image and the target that a restoration network learns to make of it. */
export interface TaskSample {
  /** The network's input, without a batch axis. */
  readonly input: Tensor;
  /** [3, S, S] in the network's output space: sRGB in [0, 1], or linear sensor colours. */
  readonly target: Tensor;
  /** Further inputs of the loss by name, without a batch axis. */
  readonly extras?: Readonly<Record<string, Tensor>>;
  /** The camera that turns linear sensor colours into sRGB. */
  readonly camera?: Camera;
}

/** A restoration network's output for a batch. */
export interface Restored {
  /** [N, 3, S, S]. */
  readonly estimate: Value;
  /** Further values for the loss and validation, by name. */
  readonly further?: Readonly<Record<string, Value>>;
}

/** The values that the loss of a restoration network compares. */
export interface TaskErrors extends Restored {
  readonly target: Value;
  readonly extras: Readonly<Record<string, Value>>;
}

/** An input of a graph: its name, and its shape without the batch axis. */
export interface SampleInput {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A restoration task as training sees it, for the crop size of one recipe. */
export interface TrainingTask {
  /** Side of the target over that of the input as an image. */
  readonly scale: number;
  /** Whether networks output linear sensor colours, which are not displayable yet. */
  readonly linear?: boolean;
  /** Pixels of a photograph around a crop that influence its degraded form. */
  readonly margin: number;
  /** The margin where only the crop is available: 0 for a degradation that works without. */
  readonly leastMargin: number;
  /** The input of a restoration network. */
  readonly input: SampleInput;
  /** Further inputs of its loss. */
  readonly extras: readonly SampleInput[];
  /** Assumed mean squared error of a restored image, in [0, 1] units, where none was measured. */
  readonly restoredError: number;
  /**
   * Applies a network to a batch of `input`.
   * @throws ParameterError or ModelError where the network does not fit the task.
   */
  restore(network: ImageNetwork, config: unknown, scope: ParameterScope, input: Value): Restored;
  /** The values that the loss compares, where they are not estimate and target, and a penalty. */
  objective?(errors: TaskErrors): {
    readonly estimate: Value;
    readonly target: Value;
    readonly penalty?: Value;
  };
  /**
   * Makes a sample of a photograph [3, S + 2 margin, S + 2 margin], with either of the margins: a
   * function of image and key alone.
   */
  degrade(image: Tensor, key: DegradationKey): TaskSample;
  /** Converts a network's output or a target to an sRGB image [3, S, S]. */
  toImage(values: Tensor, sample: Pick<TaskSample, 'camera'>): Tensor;
  /** The input as an image [3, h, w] in sRGB. */
  shown(sample: Pick<TaskSample, 'input' | 'camera'>): Tensor;
  /** Measures the `further` outputs for one held-out sample, besides its PSNR. */
  measure?(
    further: Readonly<Record<string, Tensor>>,
    sample: Pick<TaskSample, 'extras'>,
  ): Readonly<Record<string, number>>;
}

/** Entries of a recipe that is not checked yet. */
export type RecipeEntries = Readonly<Record<string, unknown>>;

/** Entries as a zod shape checks them. An empty shape allows any others beside it. */
export type EntriesOf<Shape extends z.ZodRawShape> = [keyof Shape] extends [never]
  ? unknown
  : z.infer<z.ZodObject<Shape>>;

/** Default entries of a recipe, with a compact network that a processor trains in hours. */
export interface DefaultRecipe {
  readonly entries: RecipeEntries;
  readonly network: string;
  readonly config: RecipeEntries;
}

/**
 * A task's row in `trainingTasks`.
 * @typeParam Entries recipe entries that set up the task.
 * @typeParam LossEntries recipe entries about its loss, which only restorers have.
 */
export interface TrainingTaskDefinition<
  Entries extends z.ZodRawShape = z.ZodRawShape,
  LossEntries extends z.ZodRawShape = z.ZodRawShape,
> {
  readonly entries: Entries;
  readonly lossEntries: LossEntries;
  /** Default of `cache.samples` in fusion recipes. */
  readonly cacheSamples: number;
  /** Default recipes; that of a fusion network lacks network and configuration, which tasks share. */
  readonly defaults: { readonly restorer: DefaultRecipe; readonly fusion: RecipeEntries };
  /**
   * Adds entries whose defaults depend on other entries. Applied twice it changes nothing more.
   * @throws ParameterError for entries that contradict each other.
   */
  complete?(entries: RecipeEntries): RecipeEntries;
  /**
   * The task for the crops of a recipe.
   * @throws ParameterError where its entries do not fit each other.
   */
  open(
    recipe: { readonly crop: number } & EntriesOf<Entries> & Partial<EntriesOf<LossEntries>>,
  ): TrainingTask;
  /** The settings that degraded crops depend on; part of the key of cached crops. */
  cropSettings(recipe: EntriesOf<Entries>): object;
}
