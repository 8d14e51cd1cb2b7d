import { z } from 'zod';
import { type BurstFrame, synthesiseBurst } from '../../degradation/burst.js';
import { processToSrgb } from '../../degradation/camera/camera.js';
import { demosaicBilinear } from '../../degradation/camera/mosaic.js';
import { seedAt } from '../../degradation/degradation.js';
import {
  abs,
  add,
  mul,
  neg,
  type ParameterScope,
  reduceMean,
  relu,
  scalar,
  sqrt,
  sub,
  type Value,
} from '../../graph/index.js';
import type { ImageNetwork } from '../../networks/network.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { stack } from './samples.js';
import type { Restored, TaskErrors, TrainingTask, TrainingTaskDefinition } from './task.js';

/** Packed RGGB planes. */
const CHANNELS = 4;
const BURST_PURPOSE = 0;

const burstSchema = z.strictObject({
  /** Exposures, the reference among them. */
  frames: z.int().min(1).max(64).default(14),
  /** Largest shift along each axis, in pixels of the photograph. */
  maxTranslation: z.number().min(0).max(128).default(24),
  /** Largest rotation in degrees. */
  maxRotation: z.number().min(0).max(10).default(1),
  /** Whether sensor noise is added. */
  noise: z.boolean().default(true),
});

type BurstSettings = z.infer<typeof burstSchema>;

/** The defaults are those of the public protocol. */
const entries = {
  /** Pixels of the photograph per pixel of a frame. */
  scale: z.int().min(1).max(8).default(4),
  burst: burstSchema.default(() => burstSchema.parse({})),
};

const lossEntries = {
  /** Weight of the mean absolute error of the network's optical flow, in mosaic pixels. */
  flowWeight: z.number().min(0).default(0.05),
  /** Whether the loss compares linear values or their square roots, which are close to sRGB. */
  lossSpace: z.enum(['linear', 'square-root']).default('square-root'),
};

const usual = { crop: 192, batch: 4, scale: 4, burst: { frames: 8 } };

/** Training of burst super-resolution. */
export const burstTraining = {
  entries,
  lossEntries,
  cacheSamples: 1024,
  defaults: {
    restorer: { entries: { ...usual, loss: 'l1' }, network: 'compact-burst', config: {} },
    fusion: { ...usual, timesteps: { maximum: 20, law: 'log-uniform' } },
  },
  open: burstSuperResolution,
  cropSettings: ({ scale, burst }) => ({ scale, burst }),
} satisfies TrainingTaskDefinition<typeof entries, typeof lossEntries>;

/**
 * Super-resolution of hand-held RAW bursts, synthesised from photographs, in linear sensor colours.
 * The camera of each burst converts them to sRGB.
 * @throws ParameterError where the crop is not a whole number of mosaic cells.
 */
export function burstSuperResolution(recipe: {
  readonly crop: number;
  readonly scale: number;
  readonly burst: BurstSettings;
  readonly flowWeight?: number | undefined;
  readonly lossSpace?: 'linear' | 'square-root' | undefined;
}): TrainingTask {
  const { crop, scale, burst, flowWeight = 0, lossSpace = 'linear' } = recipe;
  const cell = 2 * scale;
  if (crop % cell !== 0)
    throw new ParameterError('crop', `a multiple of twice the scale, ${cell}`, crop);
  const side = crop / cell;
  const { frames } = burst;
  const border = borderOf(burst, crop, scale);
  const alignments = { name: 'alignment', shape: [frames - 1, 2, side, side] };
  return {
    scale,
    linear: true,
    margin: border,
    leastMargin: border,
    input: { name: 'burst', shape: [frames, CHANNELS, side, side] },
    extras: frames > 1 ? [alignments] : [],
    // 34 dB in sRGB.
    restoredError: 4e-4,
    restore: (network, config, scope, input) =>
      buildBurstRestorer({ network, config, scale }, scope, input),
    objective: (errors) => burstLoss(errors, { flowWeight, lossSpace }),
    degrade: (image, key) => {
      const made = synthesiseBurst(image, {
        ...burst,
        reduction: scale,
        border,
        seed: seedAt(key, BURST_PURPOSE),
      });
      const exposures = [...made];
      return {
        input: stack(exposures.map(({ raw }) => raw)),
        target: made.truth(),
        extras: frames > 1 ? { alignment: alignmentOf(exposures) } : {},
        camera: made.camera,
      };
    },
    toImage: (values, { camera }) => processToSrgb(values, camera!),
    shown: ({ input, camera }) => processToSrgb(demosaicBilinear(firstOf(input)), camera!),
    measure: ({ flows }, { extras }) =>
      flows === undefined ? {} : { flowError: flowError(flows, extras!.alignment!) },
  };
}

function alignmentOf(exposures: readonly BurstFrame[]): Tensor {
  return stack(exposures.slice(1).map(({ alignment }) => alignment));
}

function firstOf({ shape: [, ...shape], data }: Tensor): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tensor(shape, data.slice(0, size));
}

/** Pixels around a crop that a moved frame may see, so that none shows the outside. */
function borderOf({ maxTranslation, maxRotation }: BurstSettings, crop: number, scale: number) {
  const turned = Math.sin((maxRotation * Math.PI) / 180) * (crop / 2 + maxTranslation) * Math.SQRT2;
  return Math.ceil(maxTranslation + turned) + scale;
}

/**
 * Applies a network to bursts [N, F, 4, h, w]. The flow is returned too where the network has it.
 * @throws ParameterError where the network takes another input, or another number of frames.
 */
function buildBurstRestorer(
  {
    network,
    config,
    scale,
  }: { readonly network: ImageNetwork; readonly config: unknown; readonly scale: number },
  scope: ParameterScope,
  burst: Value,
): Restored {
  const frames = burst.shape[1]!;
  if (network.role !== 'burst-restorer')
    throw new ParameterError('network', 'one that restores bursts of RAW frames', network.name);
  const fitted = network.withFrames?.(config, frames) ?? config;
  const fixed = network.frames(fitted);
  if (fixed !== frames)
    throw new ParameterError('burst.frames', `the network's own ${fixed}`, frames);
  // Of the packed frames, which have half the mosaic's size.
  const networkScale = network.scale(fitted) / 2;
  if (networkScale !== scale)
    throw new ParameterError('scale', `the network's own ${networkScale}`, scale);
  if (network.buildWithFlow === undefined || frames === 1)
    return { estimate: network.build(fitted, scope, [burst]) };
  const { output, flows } = network.buildWithFlow(fitted, scope, [burst]);
  return { estimate: output, further: { flows } };
}

/** Light at which the square root begins to be one; below, it is nearly linear. */
const DARK = 0.01;

/**
 * What the loss of a burst network compares: estimate and target, as they are or in square roots,
 * and the mean absolute error of its flow, times `flowWeight`, in pixels of the mosaic.
 *
 * The public protocol compares linear values, where light counts as much as it is bright. In the
 * sRGB image that counts in the end, shade is about three times steeper than mid grey, as it is
 * in sqrt(x + 0.01); and there the noise of light is the same everywhere.
 */
function burstLoss(
  { estimate, target, further, extras }: TaskErrors,
  settings: { readonly flowWeight: number; readonly lossSpace: 'linear' | 'square-root' },
): { estimate: Value; target: Value; penalty?: Value } {
  const { flowWeight, lossSpace } = settings;
  const compared =
    lossSpace === 'linear'
      ? { estimate, target }
      : { estimate: squareRoot(estimate), target: squareRoot(target) };
  const { flows } = further ?? {};
  if (flows === undefined || flowWeight === 0) return compared;
  const missed = abs(sub(flows, extras.alignment!));
  const mean = reduceMean(missed, [0, 1, 2, 3, 4], false);
  return { ...compared, penalty: mul(mean, scalar(flowWeight)) };
}

/** sqrt(x + 0.01), continued below 0 as its tangent there, so that no gradient is lost. */
export function squareRoot(linear: Value): Value {
  const root = sqrt(add(relu(linear), scalar(DARK)));
  const slope = 1 / (2 * Math.sqrt(DARK));
  return sub(root, mul(relu(neg(linear)), scalar(slope)));
}

/**
 * The median distance between flows [.., 2, h, w] and their truth, in the units of both.
 */
export function flowError({ shape, data }: Tensor, truth: Tensor): number {
  const area = shape.at(-1)! * shape.at(-2)!;
  const distances = new Float32Array(data.length / 2);
  for (let i = 0; i < distances.length; i += 1) {
    const at = Math.floor(i / area) * 2 * area + (i % area);
    const across = data[at]! - truth.data[at]!;
    const down = data[at + area]! - truth.data[at + area]!;
    distances[i] = Math.hypot(across, down);
  }
  distances.sort();
  const middle = (distances.length - 1) / 2;
  return (distances[Math.floor(middle)]! + distances[Math.ceil(middle)]!) / 2;
}
