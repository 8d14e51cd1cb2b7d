import { type BurstFrame, synthesiseBurst } from '../../degradation/burst.js';
import { processToSrgb } from '../../degradation/camera/camera.js';
import { demosaicBilinear } from '../../degradation/camera/mosaic.js';
import { seedAt } from '../../degradation/degradation.js';
import { ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { burstLoss, flowError } from './burst-errors.js';
import { buildBurstRestorer } from './burst-restorer.js';
import { stack } from './pictures.js';
import type { BurstSettings } from './settings.js';
import type { TrainingTask } from './task.js';

/** Packed RGGB planes. */
const CHANNELS = 4;
const BURST_PURPOSE = 0;

/**
 * Super-resolution of hand-held RAW bursts, which are made of photographs, in linear sensor
 * colours. Pictures are what the camera of each burst makes of these.
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
    degrade: (picture, place) => {
      const made = synthesiseBurst(picture, {
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
    toPicture: (values, { camera }) => processToSrgb(values, camera!),
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
