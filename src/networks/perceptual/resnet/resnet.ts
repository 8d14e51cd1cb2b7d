import { type ParameterScope, type Value, add, maxPool2d, relu } from '../../../graph/index.js';
import type { StateShapes } from '../../network.js';
import { countLayers, shapeOf } from '../../state-shapes.js';
import { normalizedConvolution } from './normalized-convolution.js';

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
 * @param x pictures [N, 3, H, W] of any size, normalised as the network was trained.
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
