import type { Camera } from '../../degradation/camera/camera.js';
import type { ParameterScope, Value } from '../../graph/index.js';
import type { ImageNetwork } from '../../networks/network.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { FusionRecipe, RestorerRecipe } from '../recipe.js';
import { burstSuperResolution } from './burst.js';
import { deblurring } from './deblurring.js';
import { superResolution } from './super-resolution.js';

/** Where the random numbers of a sample's degradation lie. */
export interface DegradationPlace {
  readonly seed: number;
  readonly index: number;
}

/** A degraded image and what a restoration network is to make of it. */
export interface TaskSample {
  /** What the network is given, without a batch axis. */
  readonly input: Tensor;
  /** [3, S, S], as the network makes it: sRGB in [0, 1], or linear sensor colours. */
  readonly target: Tensor;
  /** Further inputs of the loss, by name, without a batch axis. */
  readonly extras?: Readonly<Record<string, Tensor>>;
  /** The camera that turns linear sensor colours into sRGB. */
  readonly camera?: Camera;
}

/** The estimates of a restoration network for a batch. */
export interface Restored {
  /** [N, 3, S, S]. */
  readonly estimate: Value;
  /** What else the loss and validation look at, by name. */
  readonly further?: Readonly<Record<string, Value>>;
}

/** What the loss of a restoration network is made of. */
export interface TaskErrors extends Restored {
  readonly target: Value;
  readonly extras: Readonly<Record<string, Value>>;
}

/** An input of a graph: its name, and its shape without the batch axis. */
export interface SampleInput {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * What a restoration task means for training, for crops of one size. A task is one object of this
 * type: its settings are in `settings.ts`, and `open-task.ts` makes it of a recipe.
 */
export interface TrainingTask {
  /** Side of the target over that of the input as an image. */
  readonly scale: number;
  /** Whether networks make linear values, which are no images yet. */
  readonly linear?: boolean;
  /** Pixels of a photograph around a crop that shape its degraded form. */
  readonly margin: number;
  /** The same where there is only the crop: 0 for a degradation that can do without. */
  readonly leastMargin: number;
  /** What a restoration network is given. */
  readonly input: SampleInput;
  /** Further inputs of its loss. */
  readonly extras: readonly SampleInput[];
  /** Mean squared error in [0, 1] units of a restored image where none was measured. */
  readonly restoredError: number;
  /**
   * What a network makes of a batch of `input`.
   * @throws ParameterError or ModelError where it is none for this task.
   */
  restore(network: ImageNetwork, config: unknown, scope: ParameterScope, input: Value): Restored;
  /** What the loss compares, where that is not estimate and target, and what it adds to it. */
  objective?(errors: TaskErrors): {
    readonly estimate: Value;
    readonly target: Value;
    readonly penalty?: Value;
  };
  /**
   * The sample that a photograph [3, S + 2 margin, S + 2 margin] makes, with either of the margins:
   * a function of image and place alone.
   */
  degrade(image: Tensor, place: DegradationPlace): TaskSample;
  /** The sRGB image [3, S, S] that a network's output or target stands for. */
  toImage(values: Tensor, sample: Pick<TaskSample, 'camera'>): Tensor;
  /** The input as an image [3, h, w] in sRGB. */
  shown(sample: Pick<TaskSample, 'input' | 'camera'>): Tensor;
  /** Figures of `further` outputs for one held-out sample, beside its PSNR. */
  measure?(
    further: Readonly<Record<string, Tensor>>,
    sample: Pick<TaskSample, 'extras'>,
  ): Readonly<Record<string, number>>;
}

/**
 * The task of a recipe, for crops of its size.
 * @throws ParameterError where its entries do not fit each other.
 */
export function openTask(recipe: RestorerRecipe | FusionRecipe): TrainingTask {
  switch (recipe.task) {
    case 'sr4':
      return superResolution(recipe);
    case 'deblur':
      return deblurring(recipe);
    case 'burst':
      return burstSuperResolution(recipe);
  }
}
