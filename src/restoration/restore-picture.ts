import {
  createSchedule,
  planSampler,
  resolveSampler,
  type SamplerRequest,
  type SamplerSettings,
  type StepReport,
  sample,
} from '../diffusion/index.js';
import type { DeviceReport, GraphRunner } from '../engine/contract.js';
import { ParameterError } from '../tensor/errors.js';
import { imageNoise } from '../tensor/image-noise.js';
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.js';
import { Estimator } from './estimator.js';
import { allFinite } from './finite.js';
import type { Pack } from './pack.js';
import { PackGraphs } from './pack-graphs.js';
import { runRestorer } from './run-restorer.js';
import { layOutPicture } from './tile-settings.js';

const DEFAULT_FEATURE_BYTES = 512 * 2 ** 20;

/** How a picture is restored; everything has a default, most of them the pack's. */
export interface RestoreOptions extends SamplerRequest {
  /** Picks the noise, hence one of the possible results; default 0. */
  readonly seed?: number | undefined;
  /** Largest side of a tile in pixels of the output. */
  readonly tile?: number | undefined;
  /** Go beyond the largest t that the modules were trained for. */
  readonly allowBeyondTraining?: boolean | undefined;
  /** Bytes that features of the restored picture may take between steps; default 512 MiB. */
  readonly featureBytes?: number | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  /** Follows the chain; the arrays are the sampler's own. */
  readonly onStep?: ((report: StepReport) => void | Promise<void>) | undefined;
}

/** How far a restoration has come. The first message, `starting`, comes before any work. */
export interface RestoreProgress {
  readonly phase: 'starting' | 'restoring' | 'sampling';
  /** Multiply-adds of the networks so far, counted as `cost` of the graph room counts them. */
  readonly done: number;
  /** Multiply-adds of the whole restoration. */
  readonly total: number;
  /** Of the result, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly device: DeviceReport;
}

export interface RestoreResult {
  /** The result, [3, H scale, W scale] in [0, 1]. */
  readonly picture: Tensor;
  /** What the restoration network gave, x_IR, not clamped. */
  readonly restored: Tensor;
  readonly settings: SamplerSettings;
  /** True where tau went beyond the training of the modules. */
  readonly beyondTraining: boolean;
  /** Evaluations of denoiser and fusion network plus one of the restoration network. */
  readonly nfe: number;
  /** Tiles that denoiser and fusion network ran on. */
  readonly tiles: number;
  /** Multiply-adds of all networks. */
  readonly macs: number;
  /** True where that is a rough figure, because a module is an ONNX file. */
  readonly roughMacs: boolean;
  readonly device: DeviceReport;
}

/**
 * Restores a picture with the three modules of a pack: x_IR = IR(y) once, then the sampler, whose
 * every step estimates x0 = F(x_IR, D(x_t / sqrt(abar_t), s_t), t) on overlapping tiles while the
 * noise is drawn for the whole picture. The result is a function of picture, pack, settings, seed
 * and tile size.
 * @param picture [3, H, W] in [0, 1].
 * @throws ParameterError for a picture of another shape or settings out of range, ModelError where
 * a module gives values that are not finite, CancelledError through the runner.
 */
export async function restorePicture(
  picture: Tensor,
  pack: Pack,
  runner: GraphRunner,
  options: RestoreOptions = {},
): Promise<RestoreResult> {
  const [channels, height, width] = picture.shape as [number, number, number];
  if (picture.shape.length !== 3 || channels !== 3 || height < 1 || width < 1)
    throw new ParameterError('picture', 'the shape [3, height, width]', picture.shape);
  if (!allFinite(picture.data))
    throw new ParameterError('picture', 'finite values', 'NaN or infinity');
  const { manifest } = pack;
  const schedule = createSchedule();
  const { settings, beyondTraining } = resolveSampler(options, {
    schedule,
    defaults: manifest.sampler,
    tMax: manifest.tMax,
    allowBeyondTraining: options.allowBeyondTraining ?? false,
  });
  const size = [3, height * manifest.scale, width * manifest.scale] as const;
  const noise = imageNoise({ seed: options.seed ?? 0, height: size[1], width: size[2] });
  const tile = options.tile ?? manifest.tile;
  const { small, large } = layOutPicture(pack, { height, width, tile });
  const graphs = new PackGraphs(pack, runner);
  const keep = settings.steps > 1 ? (options.featureBytes ?? DEFAULT_FEATURE_BYTES) : 0;
  const estimator = new Estimator(graphs, large, keep);

  const macs =
    small.reduce((sum, part) => sum + graphs.facts('restore', part).macs, 0) +
    estimator.macs(settings.steps);
  let done = 0;
  const tick = async (phase: RestoreProgress['phase'], more: number): Promise<void> => {
    done += more;
    const { device } = runner;
    options.onProgress?.({ phase, done, total: macs, width: size[2], height: size[1], device });
    await runner.checkpoint();
  };

  await tick('starting', 0);
  const restored = await runRestorer(picture, manifest.scale, graphs, small, (more) =>
    tick('restoring', more),
  );
  let estimate: Float32Array = new Float32Array(0);
  const { x, nfe } = await sample({
    plan: planSampler(schedule, settings),
    length: sizeOf(size),
    restored: restored.data,
    noise,
    estimate: async (request) => {
      estimate = await estimator.estimate(request, restored, (more) => tick('sampling', more));
      return estimate;
    },
    checkpoint: () => runner.checkpoint(),
    onStep: options.onStep,
  });
  return {
    picture: tensor(size, clamp(x, estimate)),
    restored,
    settings,
    beyondTraining,
    nfe,
    tiles: large.length,
    macs,
    roughMacs: graphs.isRough,
    device: runner.device,
  };
}

/** The values in [0, 1], in an array that is no longer needed. */
function clamp(values: Float64Array, target: Float32Array): Float32Array {
  for (let place = 0; place < values.length; place += 1)
    target[place] = Math.min(1, Math.max(0, values[place]!));
  return target;
}
