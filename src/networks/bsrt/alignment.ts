import {
  add,
  concat,
  constant,
  conv2d,
  deformConv2d,
  div,
  expand,
  leakyRelu,
  mul,
  type ParameterScope,
  relu,
  resizeBilinear,
  scalar,
  sigmoid,
  slice,
  sub,
  tanh,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import {
  convolution,
  defaultInitial,
  IMAGENET_DEVIATION,
  IMAGENET_MEAN,
  imagePyramid,
  perChannel,
  warp,
} from '../layers.js';

/** Features at full, half and quarter size. */
export type Pyramid = readonly [Value, Value, Value];

export const FEATURES = 64;
const OFFSET_GROUPS = 8;
const KERNEL = 3;
const TAPS = OFFSET_GROUPS * KERNEL ** 2;

/** Largest way of a tap from where the flow points, in pixels. */
const LARGEST_RESIDUE = 10;

/** What the alignments of all frames of a burst have in common. */
interface AlignmentTarget {
  /** The reference's share of what each size's offsets come from, and of the last ones. */
  readonly shares: Pyramid;
  readonly lastShare: Value;
}

/**
 * The first convolutions over a frame's and the reference's features, as far as they concern the
 * reference: the same for every frame.
 */
export function alignmentTarget(scope: ParameterScope, reference: Pyramid): AlignmentTarget {
  const share = (name: string, x: Value, inputs: number): Value =>
    partialConvolution(scope.child(name), x, { from: FEATURES, inputs, biased: true });
  const shares = [0, 1, 2].map((level) =>
    share(`L${level + 1}_offset_conv1`, reference[level]!, 2 * FEATURES + 2),
  );
  return {
    shares: shares as unknown as Pyramid,
    lastShare: share('cas_offset_conv1', reference[0], 2 * FEATURES),
  };
}

/**
 * Features of one frame, [N, 64, H, W], moved onto those of the reference: deformable convolutions
 * that follow the optical flow and what is found beside it, from quarter to full size, and a last
 * one without the flow.
 */
export function align(
  scope: ParameterScope,
  frame: Pyramid,
  flows: Pyramid,
  target: AlignmentTarget,
): Value {
  const layer = (name: string, x: Value): Value =>
    convolution(scope.child(name), x, { filters: FEATURES });
  const rectifiedLayer = (name: string, x: Value): Value => rectified(layer(name, x));
  let guide: Value | undefined;
  let aligned: Value | undefined;
  for (const level of [2, 1, 0] as const) {
    const name = `L${level + 1}`;
    const flow = flows[level];
    const first = scope.child(`${name}_offset_conv1`);
    const inputs = 2 * FEATURES + 2;
    const ofFlow = partialConvolution(first, flow, { from: 2 * FEATURES, inputs });
    const seen = warp(frame[level], flow, 'zeros');
    const ofFrame = partialConvolution(first, seen, { from: 0, inputs });
    let found = rectified(add(add(target.shares[level], ofFlow), ofFrame));
    const below: Value | undefined = guide && mul(doubled(guide), scalar(2));
    if (below !== undefined) found = concat([found, below], 1);
    found = rectifiedLayer(`${name}_offset_conv2`, found);
    guide = below === undefined ? found : rectifiedLayer(`${name}_offset_conv3`, found);
    const moved = deformable(scope.child(`${name}_dcnpack`), frame[level], guide, flow);
    if (aligned === undefined) {
      aligned = rectified(moved);
      continue;
    }
    const joined = layer(`${name}_fea_conv`, concat([moved, doubled(aligned)], 1));
    aligned = level === 0 ? joined : rectified(joined);
  }
  const ofAligned = partialConvolution(scope.child('cas_offset_conv1'), aligned!, {
    from: 0,
    inputs: 2 * FEATURES,
  });
  const found = rectified(add(target.lastShare, ofAligned));
  const last = rectifiedLayer('cas_offset_conv2', found);
  return deformable(scope.child('cas_dcnpack'), aligned!, last);
}

/**
 * The share that `x` has in a convolution over joined features: those of `inputs` channels that
 * start at `from`.
 */
function partialConvolution(
  scope: ParameterScope,
  x: Value,
  part: { readonly from: number; readonly inputs: number; readonly biased?: boolean },
): Value {
  const { from, inputs, biased = false } = part;
  const initial = defaultInitial(inputs * KERNEL ** 2);
  const weight = scope.parameter('weight', [FEATURES, inputs, KERNEL, KERNEL], initial);
  const bias = scope.parameter('bias', [FEATURES], initial);
  const kernels = slice(weight, 1, from, from + x.shape[1]!);
  return conv2d(x, kernels, biased ? bias : undefined, { padding: 1 });
}

/**
 * A deformable convolution whose offsets and factors come from `guide` and, where there is one, a
 * flow.
 */
function deformable(scope: ParameterScope, x: Value, guide: Value, flow?: Value): Value {
  const found = convolution(scope.child('conv_offset_mask'), guide, {
    filters: 3 * TAPS,
    initial: { kind: 'zeros' },
  });
  const mask = sigmoid(slice(found, 1, 2 * TAPS, 3 * TAPS));
  let offset = slice(found, 1, 0, 2 * TAPS);
  if (flow !== undefined) {
    const downAndAcross = [slice(flow, 1, 1, 2), slice(flow, 1, 0, 1)];
    const along = concat(Array.from({ length: TAPS }, () => downAndAcross).flat(), 1);
    offset = add(mul(tanh(offset), scalar(LARGEST_RESIDUE)), along);
  }
  const shape = [FEATURES, x.shape[1]!, KERNEL, KERNEL];
  const weight = scope.parameter('weight', shape, defaultInitial(FEATURES * KERNEL ** 2));
  const bias = scope.parameter('bias', [FEATURES]);
  const options = { padding: 1, offsetGroups: OFFSET_GROUPS };
  return deformConv2d(x, weight, bias, { offset, mask }, options);
}

export function rectified(x: Value): Value {
  return leakyRelu(x, 0.1);
}

/** [N, C, H, W] at twice the size. */
export function doubled(x: Value): Value {
  const [height, width] = x.shape.slice(2) as [number, number];
  return resizeBilinear(x, [2 * height, 2 * width]);
}

/** Sizes of the pyramid, each half of the next. */
const LEVELS = 6;
const MULTIPLE = 2 ** (LEVELS - 1);

/** Filters of the convolutions of a level; the last are the flow's two parts. */
const FILTERS = [32, 64, 32, 16, 2];

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
  const references = normalizedPyramid(resizeBilinear(reference, size as [number, number]));
  const others = normalizedPyramid(resizeBilinear(other, size as [number, number]));
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

/** Normalised images, the smallest first. */
function normalizedPyramid(x: Value): Value[] {
  const normal = div(sub(x, perChannel(IMAGENET_MEAN)), perChannel(IMAGENET_DEVIATION));
  return imagePyramid(normal, LEVELS).reverse();
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

/** A flow at the size of the images over `reduction`, in its pixels. */
function resized(flow: Value, height: number, width: number, reduction: number): Value {
  const [before, beside] = flow.shape.slice(2) as [number, number];
  const [rows, columns] = [height, width].map((extent) => Math.floor(extent / reduction));
  if (rows === before && columns === beside) return flow;
  const factor = constant(tensor([1, 2, 1, 1], [columns! / beside, rows! / before]));
  return mul(resizeBilinear(flow, [rows!, columns!]), factor);
}
