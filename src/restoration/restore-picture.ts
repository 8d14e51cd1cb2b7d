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
import type { Pack } from './pack.js';
import { runRestorer } from './run-restorer.js';
import { evaluationTiles, restorerTiles } from './tile-settings.js';
import { tilesOf } from './tiling.js';

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

/** How far a restoration has come, in tiles weighed by their work. */
export interface RestoreProgress {
  readonly phase: 'restoring' | 'sampling';
  readonly done: number;
  readonly total: number;
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
  readonly tiles: number;
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
    throw new ParameterError('picture', '[3, height, width]', picture.shape);
  if (picture.data.some((value) => !Number.isFinite(value)))
    throw new ParameterError('picture', 'finite values', 'NaN or infinity');
  const { manifest } = pack;
  const tile = options.tile ?? manifest.tile;
  if (!Number.isInteger(tile) || tile < 1)
    throw new ParameterError('tile', 'a positive number of pixels', tile);
  const schedule = createSchedule();
  const { settings, beyondTraining } = resolveSampler(options, {
    schedule,
    defaults: manifest.sampler,
    tMax: manifest.tMax,
    allowBeyondTraining: options.allowBeyondTraining ?? false,
  });
  const size = [3, height * manifest.scale, width * manifest.scale] as const;
  const small = tilesOf(height, width, restorerTiles(pack, tile));
  const large = tilesOf(size[1], size[2], evaluationTiles(pack, tile));
  const total = small.length + large.length * settings.steps;
  let done = 0;
  const tick = async (phase: RestoreProgress['phase']): Promise<void> => {
    done += 1;
    options.onProgress?.({ phase, done, total });
    await runner.checkpoint();
  };

  await runner.checkpoint();
  const restored = await runRestorer(picture, pack, runner, small, () => tick('restoring'));
  const estimator = new Estimator(pack, runner, restored, large, options.featureBytes);
  const result = await sample({
    plan: planSampler(schedule, settings),
    length: sizeOf(size),
    restored: restored.data,
    noise: imageNoise({ seed: options.seed ?? 0, height: size[1], width: size[2] }),
    estimate: (request) => estimator.estimate(request, () => tick('sampling')),
    checkpoint: () => runner.checkpoint(),
    onStep: options.onStep,
  });
  const clamped = Float32Array.from(result.x, (value) => Math.min(1, Math.max(0, value)));
  return {
    picture: tensor(size, clamped),
    restored,
    settings,
    beyondTraining,
    nfe: result.nfe,
    tiles: large.length,
    device: runner.device,
  };
}
