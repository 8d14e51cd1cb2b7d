import { createSchedule } from '../../diffusion/index.js';
import type { Feeds } from '../../graph/graph-runner.js';
import { add, input, mul, ParameterScope, sub, type Value } from '../../graph/index.js';
import type { ImageNetwork } from '../../networks/network.js';
import { buildDenoiser } from '../../networks/roles.js';
import { fillNormal, integerAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import type { Module } from '../../weights/module-file.js';
import type { CropCache } from '../crop-cache/cache-file.js';
import type { CustomParts, Dataset } from '../custom-parts.js';
import type { HeldOutSample, TrainingDefinition } from '../definition.js';
import { adversarialLoss } from '../losses/adversarial.js';
import { buildObjective } from '../losses/reconstruction.js';
import { DRAWS_PER_SAMPLE } from '../photographs/crops.js';
import type { Photographs } from '../photographs/photographs.js';
import type { FusionRecipe } from '../recipe.js';
import { openTask } from '../tasks/index.js';
import { stack, taskBatch } from '../tasks/samples.js';
import type { TaskSample, TrainingTask } from '../tasks/task.js';
import { drawBetween, levelWeight, type SampleKey, STATE_DRAW } from './noise-levels.js';

/** The frozen parts of a fusion network's training. */
export interface FusionParts {
  readonly restorer: Module;
  readonly denoiser: Module;
  readonly cropCache?: CropCache | undefined;
}

/**
 * Training of a fusion network between a frozen restorer and a frozen denoiser: the loss between
 * F(IR(y), D(x0 + s_t noise, s_t), t) and x0 (section 3 of the paper).
 */
export function defineFusion(
  recipe: FusionRecipe,
  network: ImageNetwork,
  config: unknown,
  parts: FusionParts,
  { dataset, loss }: CustomParts = {},
): TrainingDefinition {
  const { batch, crop, seed } = recipe;
  const task = openTask(recipe);
  const { restorer, denoiser } = parts;
  if (network.role !== 'fusion')
    throw new ParameterError('network', 'one that fuses two images at a timestep', network.name);
  const frozenScope = new ParameterScope();
  const scope = new ParameterScope();
  const image = [batch, 3, crop, crop];
  const target = input('target', image);
  const noise = input('noise', image);
  const sigma = input('sigma', [batch, 1, 1, 1]);
  const weight = input('sampleWeight', [batch, 1, 1, 1]);
  const share = input('restoredShare', [batch, 1, 1, 1]);
  const t = input('t', [batch]);
  const source = restoredInput(recipe, task, parts, { scope: frozenScope, dataset });
  const denoised = buildDenoiser(
    denoiser.network,
    denoiser.config,
    frozenScope.child('denoiser'),
    add(centre(recipe, { target, restored: source.restored, share }), mul(noise, sigma)),
    sigma,
  );
  const estimate = network.build(config, scope, [source.restored, denoised, t]);
  const schedule = createSchedule();
  const discriminator = new ParameterScope('discriminator.');
  const objective = buildObjective(recipe, { estimate, target, weight }, loss);
  return {
    loss:
      recipe.adversarial === undefined
        ? objective
        : add(
            objective,
            adversarialLoss(recipe.adversarial, discriminator, {
              ...{ estimate, target, noise },
            }),
          ),
    auxiliary: discriminator.declared(),
    estimate,
    task,
    restoredBefore: source.before,
    trained: scope.declared(),
    frozen: new Map([
      ...(source.before ? [] : prefixed('restorer', restorer)),
      ...prefixed('denoiser', denoiser),
    ]),
    batch: async (photographs, step, part = 0) => {
      const first = part * batch;
      const pairs = await source.batch(photographs, step, first);
      const deviates = tensor(image);
      fillNormal(deviates.data, seed, step, first * 3 * crop * crop);
      const places = Array.from({ length: batch }, (_, index) => ({
        ...{ seed, step, sample: first + index },
      }));
      const times = Float32Array.from(places, (place) => drawTime(recipe, place));
      const levels = times.map((time) => schedule.sigma[time]!);
      return {
        ...pairs,
        noise: deviates,
        sigma: tensor([batch, 1, 1, 1], levels),
        restoredShare: tensor(
          [batch, 1, 1, 1],
          places.map((place) => drawRestoredShare(recipe, place)),
        ),
        sampleWeight: tensor(
          [batch, 1, 1, 1],
          levels.map((level) =>
            levelWeight(level, recipe.restoredError ?? task.restoredError, recipe.levelWeight),
          ),
        ),
        t: tensor([batch], times),
      };
    },
    levels: validated(recipe).map((value) => ({ name: 't', value })),
    probe: (sample, { value }) => {
      const deviates = tensor(image);
      fillNormal(deviates.data, sample.seed, sample.index, 0);
      return {
        ...source.probe(sample),
        target: tensor(image, sample.target.data),
        noise: deviates,
        sigma: tensor([batch, 1, 1, 1], [schedule.sigma[value]!]),
        restoredShare: tensor([batch, 1, 1, 1], [recipe.states?.restored ?? 0]),
        t: tensor([batch], [value]),
      };
    },
    shown: (sample) => task.shown(sample as TaskSample),
  };
}

/** What the noise of a state is added to. */
function centre(
  { states }: FusionRecipe,
  { target, restored, share }: Readonly<Record<'target' | 'restored' | 'share', Value>>,
): Value {
  return states === undefined ? target : add(target, mul(share, sub(restored, target)));
}

function drawTime({ timesteps }: FusionRecipe, place: SampleKey): number {
  const { maximum, law, values } = timesteps;
  if (values === undefined)
    return Math.min(maximum, Math.floor(drawBetween(place, 1, maximum + 1, law)));
  return values[Math.floor(drawBetween(place, 0, values.length, 'uniform'))]!;
}

/** How far the centre of a sample's state lies towards the restored image, in [0, 1]. */
function drawRestoredShare({ states }: FusionRecipe, place: SampleKey): number {
  const { restored = 0, between = 0 } = states ?? {};
  const drawn = drawBetween(place, 0, 1, 'uniform', STATE_DRAW);
  if (drawn < restored) return 1;
  return drawn < restored + between ? (drawn - restored) / between : 0;
}

function restoredInput(
  recipe: FusionRecipe,
  task: TrainingTask,
  { restorer, cropCache }: FusionParts,
  { scope, dataset }: { scope: ParameterScope; dataset: Dataset | undefined },
): RestoredInput {
  // What does not fit is refused before anything is restored.
  const given: Value = input(task.input.name, [recipe.batch, ...task.input.shape]);
  const { network, config } = restorer;
  const { estimate } = task.restore(network, config, scope.child('restorer'), given);
  if (recipe.cache.samples > 0) return restoredFromCache(recipe, cropCache);
  if (task.linear === true)
    throw new ParameterError('cache.samples', 'at least 1 for this task', 0);
  return restoredByGraph(recipe, task, { given, estimate, dataset });
}

/** The timesteps of validation. */
function validated({ validation, timesteps: { maximum } }: FusionRecipe): readonly number[] {
  if (validation === undefined) return [];
  const shares = [0.1, 0.5, 1].map((share) => Math.max(1, Math.round(share * maximum)));
  return validation.timesteps ?? [...new Set(shares)];
}

function prefixed(role: string, { weights }: Module): [string, Tensor][] {
  return [...weights].map(([name, value]) => [`${role}.${name}`, value]);
}

/** Where a fusion network gets its restored images from. */
export interface RestoredInput {
  /** [N, 3, S, S] in sRGB. */
  readonly restored: Value;
  /** Whether they come restored, and not from the graph itself. */
  readonly before: boolean;
  /** What the graph is fed with for them, and their targets. */
  batch(photographs: Photographs, step: number, first: number): Promise<Feeds>;
  /** The same for a held-out image, without the target. */
  probe(sample: HeldOutSample): Feeds;
}

/** Images that the frozen restorer restores in every step. */
function restoredByGraph(
  { seed, batch, crop }: FusionRecipe,
  task: TrainingTask,
  { given, estimate, dataset }: { given: Value; estimate: Value; dataset: Dataset | undefined },
): RestoredInput {
  return {
    restored: estimate,
    before: false,
    batch: (photographs, step, first) =>
      taskBatch(task, photographs, { seed, step, first, count: batch, crop, dataset }),
    probe: ({ input: degraded }) => ({ [task.input.name]: tensor(given.shape, degraded!.data) }),
  };
}

const CACHE_DRAW = 10;

/** Images that were restored once; every sample of a step is drawn from all of them. */
function restoredFromCache(
  { seed, batch, crop }: FusionRecipe,
  cropCache: CropCache | undefined,
): RestoredInput {
  const restored = input('restored', [batch, 3, crop, crop]);
  return {
    restored,
    before: true,
    batch: async (_, step, first) => {
      if (cropCache === undefined) throw new InputError('cache', 'there are no restored crops');
      const crops = Array.from({ length: batch }, (_, index) => {
        const place = (first + index) * DRAWS_PER_SAMPLE + CACHE_DRAW;
        return cropCache.read(integerAt(seed, step, place, cropCache.count));
      });
      return {
        restored: stack(crops.map((one) => one.restored)),
        target: stack(crops.map((one) => one.target)),
      };
    },
    probe: (sample) => ({ restored: tensor(restored.shape, sample.restored!.data) }),
  };
}
