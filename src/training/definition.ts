import type { Feeds } from '../graph/graph-runner.js';
import type { ParameterAttributes, Value } from '../graph/index.js';
import { type ImageNetwork, parseConfiguration } from '../networks/network.js';
import { findImageNetwork, imageNetworks } from '../networks/registry.js';
import type { Tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import type { Module } from '../weights/module-file.js';
import type { CropCache } from './crop-cache/cache-file.js';
import type { CustomParts } from './custom-parts.js';
import { defineDenoiser } from './kinds/denoiser.js';
import { defineFusion } from './kinds/fusion.js';
import { defineRestorer } from './kinds/restorer.js';
import type { Photographs } from './photographs/photographs.js';
import type { Recipe } from './recipe.js';
import type { TaskSample, TrainingTask } from './tasks/task.js';

/** What a kind of training makes of its recipe. */
export interface TrainingDefinition {
  readonly loss: Value;
  /** What the network makes of the inputs, [N, 3, S, S]. */
  readonly estimate: Value;
  /** What else validation measures, by name. */
  readonly further?: Readonly<Record<string, Value>>;
  /** What degrades the images, where it is not noise alone. */
  readonly task?: TrainingTask;
  /** Whether images come restored, and not as their task degrades them. */
  readonly restoredBefore?: boolean;
  readonly trained: ReadonlyMap<string, Value<ParameterAttributes>>;
  /** What is trained beside the network and is no part of the result, such as a discriminator. */
  readonly auxiliary?: ReadonlyMap<string, Value<ParameterAttributes>>;
  readonly frozen: ReadonlyMap<string, Tensor>;
  /**
   * The inputs of batch `part` of step `step`, the steps counted from 1 and the parts from 0: a
   * function of the recipe's seed and these two. Part p has the samples of one larger batch from
   * p times the recipe's `batch` on.
   */
  batch(photographs: Photographs, step: number, part?: number): Promise<Feeds>;
  /** What validation looks at one after the other, such as noise levels. */
  readonly levels: readonly ValidationLevel[];
  /** The inputs for one held-out image; only where the recipe's batch is 1. */
  probe(sample: HeldOutSample, level: ValidationLevel): Feeds;
  /** The sRGB image that an estimate or a target stands for; itself where absent. */
  image?(values: Tensor, sample: HeldOutSample): Tensor;
  /** The degraded form of a held-out image as an image. */
  shown(sample: HeldOutSample, level: ValidationLevel): Tensor;
}

/** A condition under which a network is validated: `sigma` or `t` with its value, or none. */
export interface ValidationLevel {
  readonly name: string;
  readonly value: number;
}

/** A held-out image, degraded where a task does so, and where its noise lies. */
export interface HeldOutSample extends Pick<TaskSample, 'target' | 'extras' | 'camera'> {
  readonly input?: Tensor;
  /** The image as the frozen restorer restored it, where it is kept. */
  readonly restored?: Tensor;
  readonly seed: number;
  readonly index: number;
}

/** Frozen modules by the role they have. */
export type FrozenModules = Readonly<Partial<Record<'restorer' | 'denoiser', Module>>>;

/**
 * A recipe's network with its configuration, checked and completed.
 * @param own networks besides the registered ones; they go first.
 */
export function recipeNetwork(
  recipe: Recipe,
  own: readonly ImageNetwork[] = [],
): { network: ImageNetwork; config: unknown } {
  const network =
    own.find(({ name }) => name === recipe.network) ?? findImageNetwork(recipe.network);
  if (network === undefined) {
    const known = [...own, ...imageNetworks].map(({ name }) => name).join(', ');
    throw new ParameterError('recipe.network', `one of ${known}`, recipe.network);
  }
  return { network, config: parseConfiguration(network, recipe.config) };
}

/**
 * The graph and the batches of a recipe.
 * @param cropCache restored crops of a fusion recipe that caches them; only its batches need them.
 * @throws ParameterError where its entries do not fit each other; ModelError where a frozen module
 * is missing.
 */
export function defineTraining(
  recipe: Recipe,
  modules: FrozenModules,
  custom: CustomParts = {},
  cropCache?: CropCache,
): TrainingDefinition {
  const { network, config } = recipeNetwork(recipe, custom.networks);
  switch (recipe.kind) {
    case 'restorer':
      return defineRestorer(recipe, network, config, custom);
    case 'denoiser':
      return defineDenoiser(recipe, network, config, custom);
    case 'fusion': {
      const { restorer, denoiser } = modules;
      if (restorer === undefined || denoiser === undefined)
        throw new ModelError('fusion', 'needs a restorer and a denoiser to be trained between');
      return defineFusion(recipe, network, config, { restorer, denoiser, cropCache }, custom);
    }
  }
}
