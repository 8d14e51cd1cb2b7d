import { type ParameterScope, type Value, add, clip, mul, scalar, tanh } from '../../graph/index.js';
import { warp } from '../bsrt/warp.js';
import { convolution } from '../layers.js';
import { addToFrames, someFrames } from './frames.js';
import { layer, rectified } from './layers.js';

const FEATURES = 16;
const HIDDEN = 32;
const DILATIONS = [1, 2, 4];

/** Largest correction in pixels: registration is not further off where it is of use. */
const LARGEST = 2;

/** Pixels on each side that a corrected flow depends on, besides those read through the flow. */
export const REFINEMENT_RADIUS = 1 + DILATIONS.reduce((sum, dilation) => sum + dilation, 0) + 1;

/**
 * A flow corrected by what it leaves apart: small convolutions over the first frame's features and
 * those of the others, read where the flow points.
 * @param features of all frames [N F, C, H, W].
 * @param flow of all but the first [N (F - 1), 2, H, W] in pixels.
 */
export function refined(
  scope: ParameterScope,
  features: Value,
  flow: Value,
  { batch, maxFlow }: { readonly batch: number; readonly maxFlow: number },
): Value {
  const frames = features.shape[0]! / batch;
  const projected = layer(scope.child('project'), features, { filters: FEATURES, kernel: 1 });
  const first = someFrames(projected, batch, 0, 1);
  const seen = warp(someFrames(projected, batch, 1, frames), flow, 'border');
  const ofSeen = layer(scope.child('others'), seen, { filters: HIDDEN });
  const ofFirst = layer(scope.child('first'), first, { filters: HIDDEN, bias: false });
  let x = rectified(addToFrames(ofSeen, ofFirst));
  for (const [index, dilation] of DILATIONS.entries()) {
    const spread = { filters: HIDDEN, dilation, padding: dilation };
    x = rectified(layer(scope.child(`body.${index}`), x, spread));
  }
  const last = convolution(scope.child('last'), x, { filters: 2, initial: { kind: 'zeros' } });
  const step = mul(tanh(last), scalar(LARGEST));
  return clip(add(flow, step), { minimum: -maxFlow, maximum: maxFlow });
}
