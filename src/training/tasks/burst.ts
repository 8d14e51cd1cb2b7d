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
import type { BurstSettings } from '../recipe.js';
import { stack } from './samples.js';
import type { Restored, TaskErrors, TrainingTask } from './task.js';

/** Packed RGGB planes. */
const CHANNELS = 4;
const BURST_PURPOSE = 0;

/**
 * Super-resolution of hand-held RAW bursts, which are made of photographs, in linear sensor
 * colours. Images are what the camera of each burst makes of these.
 * @throws ParameterError where the crop has no whole number of mosaic cells.
 */
export function burstSuperResolution(recipe: {
  readonly crop: number;
  readonly scale: number;
  readonly burst: BurstSettings;
  readonly flowWeight?: number;
  readonly lossSpace?: 'linear' | 'square-root';
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
    degrade: (image, place) => {
      const made = synthesiseBurst(image, {
        ...burst,
        reduction: scale,
        border,
        seed: seedAt(place, BURST_PURPOSE),
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
 * What a network makes of bursts [N, F, 4, h, w], with the flow it finds where it tells that.
 * @throws ParameterError where it takes something else, or another number of frames.
 */
export function buildBurstRestorer(
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
  const own = network.scale(fitted) / 2;
  if (own !== scale) throw new ParameterError('scale', `the network's own ${own}`, scale);
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
export function burstLoss(
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
