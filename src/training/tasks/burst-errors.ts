import {
  abs,
  add,
  mul,
  neg,
  reduceMean,
  relu,
  scalar,
  sqrt,
  sub,
  type Value,
} from '../../graph/index.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { TaskErrors } from './task.js';

/** Light at which the square root begins to be one; below, it is nearly linear. */
const DARK = 0.01;

/**
 * What the loss of a burst network compares: estimate and target, as they are or in square roots,
 * and the mean absolute error of its flow, times `flowWeight`, in pixels of the mosaic.
 *
 * The public protocol compares linear values, where light counts as much as it is bright. In the
 * sRGB picture that counts in the end, shade is about three times steeper than mid grey, as it is
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
