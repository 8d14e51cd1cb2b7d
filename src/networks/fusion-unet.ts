import { z } from 'zod';
import {
  add,
  concat,
  leakyRelu,
  maxPool2d,
  type ParameterScope,
  relu,
  reshape,
  resizeBilinear,
  type Value,
} from '../graph/index.js';
import { convolution, crop, linear, padToMultiple, timeEncoding } from './layers.js';
import { countLayers, type FusionNetwork, type StateShapes, shapeOf } from './network.js';

const schema = z.strictObject({
  /** Values of the time encoding and of the features made from it; even. */
  features: z.int().min(2).max(65536).multipleOf(2).default(64),
  /** Channels per level, the finest first. */
  widths: z.array(z.int().min(1)).min(1).max(8).default([48, 80, 144]),
});

type FusionUnetConfig = z.infer<typeof schema>;

/** 3x3 convolutions of a block. */
const CONVOLUTIONS = 2;

/**
 * A U-Net with time embedding, a rival of the fusion network in the paper's Table 5: it sees both
 * images together, six channels, and learns how to mix them. Maxima halve the
 * size between levels, linear interpolation doubles it, and the finer level's features are joined
 * to what comes back. Two linear layers with rectifiers make features of the timestep's encoding;
 * every block adds a linear map of them to its channels. The output estimates x0, as that of
 * `fusion` does from the same inputs.
 */
export const fusionUnet: FusionNetwork<FusionUnetConfig> = {
  name: 'fusion-unet',
  role: 'fusion',
  schema,
  build: (config, scope, inputs) => {
    const [restored, denoised, t] = inputs as [Value, Value, Value];
    const [height, width] = restored.shape.slice(2) as [number, number];
    const images = padToMultiple(concat([restored, denoised], 1), multiple(config));
    const features = level(config.widths, scope, images, timeFeatures(config, scope, t));
    return crop(convolution(scope.child('conv_out'), features, { filters: 3 }), height, width);
  },
  inputShapes: (_config, { batch, height, width }) => [
    [batch, 3, height, width],
    [batch, 3, height, width],
    [batch],
  ],
  sizeRule: (config) => ({ multiple: multiple(config), minimum: multiple(config) }),
  receptiveRadius: ({ widths }) => {
    // Pooling and linear enlargement together reach two pixels beyond twice the level below.
    const around = (below: number): number => 2 * CONVOLUTIONS + 2 * (below + 1);
    return 1 + widths.slice(1).reduce(around, CONVOLUTIONS);
  },
  configure: configurationOf,
};

function multiple({ widths }: FusionUnetConfig): number {
  return 2 ** (widths.length - 1);
}

/** Timesteps [N] as features [N, features]. */
function timeFeatures({ features }: FusionUnetConfig, scope: ParameterScope, t: Value): Value {
  const first = relu(linear(scope.child('time.0'), timeEncoding(t, features), features));
  return relu(linear(scope.child('time.2'), first, features));
}

/** What a level and all coarser ones make of [N, C, H, W]: [N, widths[index], H, W]. */
function level(
  widths: readonly number[],
  scope: ParameterScope,
  x: Value,
  time: Value,
  index = 0,
): Value {
  const filters = widths[index]!;
  if (index === widths.length - 1) return block(scope.child('middle'), x, time, filters);
  const skipped = block(scope.child(`down.${index}`), x, time, filters);
  const deep = level(widths, scope, maxPool2d(skipped, { kernel: 2 }), time, index + 1);
  const [height, width] = skipped.shape.slice(2) as [number, number];
  const joined = concat([resizeBilinear(deep, [height, width]), skipped], 1);
  return block(scope.child(`up.${index}`), joined, time, filters);
}

function block(scope: ParameterScope, x: Value, time: Value, filters: number): Value {
  const shift = linear(scope.child('time'), time, filters);
  const first = convolution(scope.child('conv1'), x, { filters });
  const moved = leakyRelu(add(first, reshape(shift, [...shift.shape, 1, 1])), 0.2);
  return leakyRelu(convolution(scope.child('conv2'), moved, { filters }), 0.2);
}

function configurationOf(state: StateShapes): Record<string, unknown> | undefined {
  const levels = countLayers(state, (index) => `down.${index}.time.weight`);
  const names = [...Array.from({ length: levels }, (_, index) => `down.${index}`), 'middle'];
  const widths = names.map((name) => shapeOf(state, `${name}.time.weight`, 2)?.[0]);
  const features = shapeOf(state, 'time.0.weight', 2)?.[1];
  if (features === undefined || widths.includes(undefined)) return undefined;
  return { features, widths };
}
