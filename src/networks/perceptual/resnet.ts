import {
  add,
  conv2d,
  div,
  maxPool2d,
  mul,
  type ParameterScope,
  relu,
  reshape,
  scalar,
  sqrt,
  sub,
  type Value,
} from '../../graph/index.js';
import type { ConvolutionOptions } from '../../graph/operators/convolutions.js';
import { defaultInitial, IMAGENET_DEVIATION, IMAGENET_MEAN, perChannel } from '../layers.js';
import { countLayers, type StateShapes, shapeOf } from '../network.js';

/** How deep and wide a residual network of bottlenecks is. */
export interface ResnetConfig {
  /** Blocks of each stage; every stage after the first halves the size. */
  readonly depths: readonly number[];
  /** Channels of the stem and inside the blocks of the first stage; doubled by every other one. */
  readonly width: number;
}

export const RESNET50: ResnetConfig = { depths: [3, 4, 6, 3], width: 64 };

/** Channels of a block's output over those inside it. */
const EXPANSION = 4;

/** Channels of every entry of `resnetFeatures`. */
export function resnetChannels({ depths, width }: ResnetConfig): number[] {
  return [width, ...depths.map((_, stage) => EXPANSION * width * 2 ** stage)];
}

/**
 * The features of a residual network with bottlenecks (He et al., "Deep Residual Learning for
 * Image Recognition", CVPR 2016), stride in the 3x3 convolution, under torchvision's names.
 * @param x images [N, 3, H, W] of any size, normalised as the network was trained.
 * @returns the rectified stem at half the size, then the output of every stage, from 1/4 on; odd
 * extents are rounded up.
 */
export function resnetFeatures(
  { depths, width }: ResnetConfig,
  scope: ParameterScope,
  x: Value,
): Value[] {
  const stem = { filters: width, kernel: 7, stride: 2, padding: 3 };
  const first = relu(normalizedConvolution(scope, x, { ...stem, names: ['conv1', 'bn1'] }));
  const features = [first];
  let y = maxPool2d(first, { kernel: 3, stride: 2, padding: 1 });
  for (const [stage, depth] of depths.entries()) {
    const layer = scope.child(`layer${stage + 1}`);
    for (let block = 0; block < depth; block += 1) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      y = bottleneck(layer.child(`${block}`), y, width * 2 ** stage, stride);
    }
    features.push(y);
  }
  return features;
}

/** Depths and width from the keys below `prefix`; `undefined` where there is no such network. */
export function resnetOf(state: StateShapes, prefix: string): ResnetConfig | undefined {
  const width = shapeOf(state, `${prefix}conv1.weight`, 4)?.[0];
  const blocks = (stage: number): number =>
    countLayers(state, (block) => `${prefix}layer${stage + 1}.${block}.conv3.weight`);
  const depths: number[] = [];
  while (blocks(depths.length) > 0) depths.push(blocks(depths.length));
  return width === undefined || depths.length === 0 ? undefined : { depths, width };
}

function bottleneck(scope: ParameterScope, x: Value, width: number, stride: number): Value {
  const filters = EXPANSION * width;
  const layer = (
    value: Value,
    place: number,
    options: { readonly filters: number; readonly kernel: number; readonly stride?: number },
  ): Value =>
    normalizedConvolution(scope, value, {
      ...options,
      padding: (options.kernel - 1) / 2,
      names: [`conv${place}`, `bn${place}`],
    });
  const narrow = relu(layer(x, 1, { filters: width, kernel: 1 }));
  const local = relu(layer(narrow, 2, { filters: width, kernel: 3, stride }));
  const wide = layer(local, 3, { filters, kernel: 1 });
  const changed = stride !== 1 || x.shape[1] !== filters;
  const kept = changed
    ? normalizedConvolution(scope, x, {
        filters,
        kernel: 1,
        stride,
        names: ['downsample.0', 'downsample.1'],
      })
    : x;
  return relu(add(wide, kept));
}

/** A convolution without bias, followed by a batch normalisation. */
interface NormalizedConvolution extends ConvolutionOptions {
  readonly filters: number;
  /** Rows and columns of the kernels. */
  readonly kernel: number;
  /** Names of the two layers in their scope. */
  readonly names: readonly [convolution: string, normalization: string];
}

const EPSILON = 1e-5;

/**
 * A convolution of [N, C, H, W] and the batch normalisation after it as in inference, by the means
 * and variances that the parameters hold: one convolution whose kernels and bias are functions of
 * all parameters. Where these are known, it costs no more than a convolution alone.
 */
export function normalizedConvolution(
  scope: ParameterScope,
  x: Value,
  layer: NormalizedConvolution,
): Value {
  const { filters, kernel, names, ...options } = layer;
  const channels = x.shape[1]!;
  const initial = defaultInitial(channels * kernel ** 2);
  const kernels = scope
    .child(names[0])
    .parameter('weight', [filters, channels, kernel, kernel], initial);
  const statistics = scope.child(names[1]);
  const weight = statistics.parameter('weight', [filters], { kind: 'ones' });
  const bias = statistics.parameter('bias', [filters]);
  const mean = statistics.parameter('running_mean', [filters]);
  const variance = statistics.parameter('running_var', [filters], { kind: 'ones' });
  const scale = div(weight, sqrt(add(variance, scalar(EPSILON))));
  const scaled = mul(kernels, reshape(scale, [filters, 1, 1, 1]));
  return conv2d(x, scaled, sub(bias, mul(mean, scale)), options);
}

/** True for the key of a count that a batch normalisation keeps in training and nothing reads. */
export function isBatchCount(key: string): boolean {
  return key.endsWith('.num_batches_tracked');
}

/** RGB images [N, 3, H, W] in [0, 1], less ImageNet's means and over its deviations. */
export function normalizedForImagenet(images: Value): Value {
  const inverse = IMAGENET_DEVIATION.map((deviation) => 1 / deviation);
  return mul(sub(images, perChannel(IMAGENET_MEAN)), perChannel(inverse));
}
