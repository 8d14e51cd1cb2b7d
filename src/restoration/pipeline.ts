import {
  createSchedule,
  planSampler,
  resolveSampler,
  type SamplerRequest,
  type SamplerSettings,
  type StepReport,
  sample,
} from '../diffusion/index.js';
import type { DeviceReport, GraphRunner } from '../graph/graph-runner.js';
import { imageNoise } from '../tensor/image-noise.js';
import { sizeOf, type Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { type Assembly, type MemoryPlan, planMemory, tilesAreExact } from './memory/memory-plan.js';
import { RetryingRunner } from './memory/smaller-tiles.js';
import { PackGraphs } from './pack-graphs.js';
import {
  consistencyOptions,
  openFinish,
  type ResultSettings,
  resolveResult,
} from './postprocessing.js';
import type { Restoration } from './restore.js';
import { Estimator, RestoredParts } from './tiled-networks.js';
import {
  evaluationSettings,
  layOutResult,
  leastTile,
  restorerSettings,
} from './tiles/tile-settings.js';
import { rectangleOf, type SideSettings, type Tile } from './tiles/tiling.js';

/** How an image is restored; everything has a default, most of them the pack's. */
export interface RestoreOptions extends SamplerRequest, Omit<Assembly, 'samples' | 'isConsistent'> {
  /** Picks the noise, hence one of the possible results; default 0. */
  readonly seed?: number | undefined;
  /**
   * Chains from seeds that follow one another, beginning with `seed`; default 1. What does not
   * depend on the seed is computed once.
   */
  readonly samples?: number | undefined;
  /** Largest side of a tile in pixels of the networks' output. */
  readonly tile?: number | undefined;
  /**
   * Largest side in pixels of what goes through the chain at once. Default: 4096 for results of
   * more than 2^25 pixels, otherwise all.
   */
  readonly region?: number | undefined;
  /**
   * Bytes that the work may take, besides an image and a result that the caller holds. Tiles,
   * regions and what is kept become smaller where no byte of the result depends on it. Default: no
   * bound.
   */
  readonly memory?: number | undefined;
  /** Go beyond the largest t that the modules were trained for. */
  readonly allowBeyondTraining?: boolean | undefined;
  /** Bytes that features of the restored image may take between steps; default 512 MiB. */
  readonly featureBytes?: number | undefined;
  /** How the result agrees with the input; default: the pack's. */
  readonly consistency?: ResultSettings['consistency'] | undefined;
  /** From the restoration network's image, 0, to the sample, 1; default: the pack's. */
  readonly detail?: number | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  /** Follows the chain of each region; the arrays are the sampler's own. */
  readonly onStep?: ((report: StepReport) => void | Promise<void>) | undefined;
}

/** How far a restoration has come. The first message, `starting`, comes before any work. */
export interface RestoreProgress {
  readonly phase: 'starting' | 'restoring' | 'sampling';
  /** Multiply-adds of the networks so far, counted as `cost` of the graph room counts them. */
  readonly done: number;
  /** Multiply-adds of the whole restoration. */
  readonly total: number;
  /** Those of the restoration network alone. */
  readonly restoring: number;
  /** Of the result, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly device: DeviceReport;
}

/** What is to know of a restoration besides its pixels. */
export interface RestorationFacts {
  readonly settings: SamplerSettings;
  readonly result: ResultSettings;
  /** True where tau went beyond the training of the modules. */
  readonly beyondTraining: boolean;
  /** Evaluations of denoiser and fusion network of a sample plus one of the restoration network. */
  readonly nfe: number;
  /** Largest side of a tile in pixels of the networks' output. */
  readonly tile: number;
  /** Tiles that denoiser and fusion network ran on. */
  readonly tiles: number;
  /** Tiles of the degraded input, for the restoration network. */
  readonly restorerTiles: number;
  /** Regions that went through the chain one after another, and whether they make up the whole exactly. */
  readonly regions: { readonly count: number; readonly exact: boolean };
  /** Multiply-adds of all networks. */
  readonly macs: number;
  /** True where that is a rough figure, because a module is an ONNX file. */
  readonly roughMacs: boolean;
  readonly device: DeviceReport;
}

/** A finished region of a result. */
export interface RestoredRegion {
  /** Which chain it is of, from 0: that of the seed `seed + sample`. */
  readonly sample: number;
  /** Its place, with the weights that blend it with its neighbours. */
  readonly region: Tile;
  /** [3, rows, columns] in [0, 1]. */
  readonly image: Tensor;
  /** x_IR of the same pixels, not clamped. */
  readonly restored: Tensor;
}

/** Takes finished regions, the samples of each in turn; the next is begun when it is done. */
export type OnRegion = (finished: RestoredRegion) => void | Promise<void>;

/** Everything that is decided before networks run: settings, tiles and regions that fit the memory. */
export interface RestorationPlan {
  readonly restoration: Restoration;
  readonly options: RestoreOptions;
  readonly graphs: PackGraphs;
  readonly settings: SamplerSettings;
  readonly beyondTraining: boolean;
  readonly result: ResultSettings;
  readonly memory: MemoryPlan;
  /** Regions of the result in the order in which they are restored: row by row, or as sorted. */
  readonly regions: readonly Tile[];
  /** Of the result, in pixels. */
  readonly height: number;
  readonly width: number;
}

/**
 * Plans a restoration; nothing is run or read.
 * @throws ParameterError for settings out of range, LimitError where memory is too little.
 */
export function planRestoration(
  restoration: Restoration,
  runner: GraphRunner,
  options: RestoreOptions,
): RestorationPlan {
  const { pack, input, scale } = restoration;
  const { manifest } = pack;
  const { settings, beyondTraining } = resolveSampler(options, {
    schedule: createSchedule(),
    defaults: manifest.sampler,
    tMax: manifest.tMax,
    allowBeyondTraining: options.allowBeyondTraining ?? false,
  });
  const { seed = 0, samples = 1 } = options;
  if (!Number.isInteger(samples) || samples < 1)
    throw new ParameterError('samples', 'a positive integer', samples);
  const [height, width] = [input.height * scale, input.width * scale];
  for (const own of [seed, seed + samples - 1]) imageNoise({ seed: own, height, width });
  const result = resolveResult(options, manifest);
  const graphs = new PackGraphs(pack, runner);
  const memory = planMemory(restoration, graphs, {
    ...options,
    ...{ steps: settings.steps, isConsistent: result.consistency !== 'none' },
  });
  return {
    ...{ restoration, options, graphs, settings, beyondTraining, result, memory },
    ...{ regions: memory.layout.parts, height, width },
  };
}

/**
 * Restores an input region by region: x_IR = IR(y), then the sampler, whose every step estimates
 * x0 = F(x_IR, D(x_t / sqrt(abar_t), s_t), t) on overlapping tiles, while the noise of a pixel is a
 * function of its position in the whole result.
 * @throws ModelError where a module gives values that are not finite, LimitError where memory runs
 * out, CancelledError through the runner, and what `onRegion` throws.
 */
export async function runRestoration(
  plan: RestorationPlan,
  onRegion: OnRegion,
): Promise<RestorationFacts> {
  const { restoration, options, graphs, settings, regions, height, width } = plan;
  const { pack } = restoration;
  const { runner } = graphs;
  const { seed = 0, samples = 1 } = options;
  const { tile, layout, featureBytes, cachedBytes, graphBytes } = plan.memory;
  const isSampled = plan.result.detail > 0;
  const evaluations = isSampled ? settings.steps * samples : 0;
  if (graphBytes !== undefined) await runner.keepAtMost?.(graphBytes);
  let current: Estimator | undefined;
  const isExact = tilesAreExact(restoration);
  const retrying = (exact: SideSettings): RetryingRunner =>
    new RetryingRunner({
      forget: async () => {
        restorer.forget();
        current?.forget();
        await runner.keepAtMost?.(0);
      },
      exact: isExact ? exact : undefined,
      advice: adviceFor(isExact ? 1 : tile, leastTile(pack, restoration.reduction)),
    });
  const restorer = new RestoredParts(restoration, graphs, regions.map(rectangleOf), tile, {
    cachedBytes,
    retrying: retrying(restorerSettings(pack, tile, restoration.reduction)),
  });
  const evaluating = retrying(evaluationSettings(pack, tile));
  const estimatorOf = (region: Tile): Estimator => {
    const { height: rows, width: columns } = rectangleOf(region);
    const tiles = layOutResult(pack, { height: rows, width: columns, tile });
    return new Estimator(graphs, tiles, evaluations > 1 ? featureBytes : 0, evaluating);
  };

  let tiles = 0;
  let macs = restorer.macs;
  for (const estimator of regions.map(estimatorOf)) {
    tiles += estimator.tiles;
    macs += estimator.macs(evaluations);
  }
  let done = 0;
  const tick = async (phase: RestoreProgress['phase'], more: number): Promise<void> => {
    done = Math.min(macs, done + more);
    const work = { done, total: macs, restoring: restorer.macs };
    options.onProgress?.({ phase, ...work, width, height, device: runner.device });
    await runner.checkpoint();
  };

  await tick('starting', 0);
  const chain = planSampler(createSchedule(), settings);
  const consistency = await consistencyOptions(restoration, plan.result);
  for (const [index, region] of regions.entries()) {
    const restored = await restorer.restored(index, (more) => tick('restoring', more));
    const estimator = estimatorOf(region);
    current = estimator;
    const window = rectangleOf(region);
    const { finish } = await openFinish(restoration, window, restored, plan.result, consistency);
    for (let own = 0; own < samples; own += 1) {
      if (!isSampled) {
        await onRegion({ region, sample: own, image: finish(undefined), restored });
        continue;
      }
      let estimate: Float32Array = new Float32Array(0);
      const { x } = await sample({
        plan: chain,
        length: sizeOf(restored.shape),
        restored: restored.data,
        noise: imageNoise({ seed: seed + own, ...window }),
        estimate: async (request) => {
          estimate = await estimator.estimate(request, restored, (more) => tick('sampling', more));
          return estimate;
        },
        checkpoint: () => runner.checkpoint(),
        onStep: options.onStep,
      });
      // The estimates are no longer needed, and their array is made anew or overwritten.
      estimate.set(x);
      await onRegion({ region, sample: own, image: finish(estimate), restored });
    }
  }
  return {
    settings,
    beyondTraining: plan.beyondTraining,
    result: plan.result,
    nfe: (isSampled ? settings.steps : 0) + 1,
    tile,
    tiles,
    restorerTiles: restorer.tiles,
    regions: { count: regions.length, exact: layout.exact },
    macs,
    roughMacs: graphs.isRough,
    device: runner.device,
  };
}

/**
 * Plans and runs a restoration.
 * @throws what `planRestoration` and `runRestoration` throw.
 */
export async function restoreRegions(
  restoration: Restoration,
  runner: GraphRunner,
  options: RestoreOptions,
  onRegion: OnRegion,
): Promise<RestorationFacts> {
  return runRestoration(planRestoration(restoration, runner, options), onRegion);
}

/** What to ask for where a tile does not fit. */
function adviceFor(tile: number, least: number): string {
  const smaller = Math.max(least, Math.floor(tile / 2));
  return smaller < tile
    ? `ask for \`tile\` ${smaller}, which changes the layout of tiles`
    : 'no smaller tile has room for the margins of these modules';
}
