import { type ParameterScope, type Value, add, concat, constant, div, expand, mul, relu, resizeBilinear, scalar, sub } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { convolution } from '../layers.js';
import { warp } from './warp.js';

/** Sizes of the pyramid, each half of the next. */
const LEVELS = 6;
const MULTIPLE = 2 ** (LEVELS - 1);

/** Filters of the convolutions of a level; the last are the flow's two parts. */
const FILTERS = [32, 64, 32, 16, 2];

/** Mean and deviation of ImageNet's RGB in [0, 1]. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * SpyNet (Ranjan and Black, "Optical Flow Estimation using a Spatial Pyramid Network", CVPR 2017):
 * where each pixel of `reference` [N, 3, H, W] is found on `other`, [N, 2, H, W] in pixels across
 * and down, at full, half and quarter size, in this order and in pixels of that size.
 */
export function opticalFlows(
  scope: ParameterScope,
  reference: Value,
  other: Value,
): [Value, Value, Value] {
  const [height, width] = reference.shape.slice(2) as [number, number];
  const size = [height, width].map((extent) => Math.ceil(extent / MULTIPLE) * MULTIPLE);
  const references = pyramid(resizeBilinear(reference, size as [number, number]));
  const others = pyramid(resizeBilinear(other, size as [number, number]));
  const found: Value[] = [];
  let flow: Value | undefined;
  for (let level = 0; level < LEVELS; level += 1) {
    flow = refined(
      scope.child(`basic_module.${level}.basic_module`),
      references[level]!,
      others[level]!,
      flow,
    );
    const reduction = 2 ** (LEVELS - 1 - level);
    if (reduction <= 4) found.unshift(resized(flow, height, width, reduction));
  }
  return found as [Value, Value, Value];
}

/** Normalised pictures, smallest first; each is the next one's means over 2 x 2 pixels. */
function pyramid(x: Value): Value[] {
  const perChannel = (values: number[]): Value => constant(tensor([1, 3, 1, 1], values));
  const levels = [div(sub(x, perChannel(MEAN)), perChannel(DEVIATION))];
  while (levels.length < LEVELS) {
    const [height, width] = levels[0]!.shape.slice(2) as [number, number];
    levels.unshift(resizeBilinear(levels[0]!, [height / 2, width / 2]));
  }
  return levels;
}

/** The flow of the next smaller size, none at the smallest, made finer. */
function refined(
  scope: ParameterScope,
  reference: Value,
  other: Value,
  coarse: Value | undefined,
): Value {
  const [batch, , height, width] = reference.shape as [number, number, number, number];
  const upsampled =
    coarse && mul(resizeBilinear(coarse, [height, width], { alignCorners: true }), scalar(2));
  const seen = upsampled === undefined ? other : warp(other, upsampled, 'border');
  const start = upsampled ?? expand(scalar(0), [batch, 2, height, width]);
  let x = concat([reference, seen, start], 1);
  FILTERS.forEach((filters, index) => {
    const layer = convolution(scope.child(`${2 * index}`), x, { filters, kernel: 7 });
    x = index < FILTERS.length - 1 ? relu(layer) : layer;
  });
  return upsampled === undefined ? x : add(x, upsampled);
}

/** A flow at the size of the pictures over `reduction`, in its pixels. */
function resized(flow: Value, height: number, width: number, reduction: number): Value {
  const [before, beside] = flow.shape.slice(2) as [number, number];
  const [rows, columns] = [height, width].map((extent) => Math.floor(extent / reduction));
  if (rows === before && columns === beside) return flow;
  const factor = constant(tensor([1, 2, 1, 1], [columns! / beside, rows! / before]));
  return mul(resizeBilinear(flow, [rows!, columns!]), factor);
}
