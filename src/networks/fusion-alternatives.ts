import { z } from 'zod';
import {
  add,
  concat,
  constant,
  matmul,
  mul,
  type ParameterScope,
  pixelShuffle,
  pixelUnshuffle,
  relu,
  reshape,
  sigmoid,
  slice,
  sub,
  type Value,
} from '../graph/index.js';
import { tensor } from '../tensor/tensor.js';
import { crop, linear, padToMultiple, timeEncoding } from './layers.js';
import { type FusionNetwork, shapeOf } from './network.js';

const tdwaSchema = z.strictObject({
  /** Values of the time encoding and of the hidden layers; even. */
  features: z.int().min(2).max(65536).multipleOf(2).default(64),
});

type FusionTdwaConfig = z.infer<typeof tdwaSchema>;

/**
 * Time-dependent weighted average, a rival of the fusion network in the paper's Table 5:
 * w x_IR + (1 - w) x_D with one w in (0, 1) per colour, made from the timestep by three linear
 * layers. Inputs as those of `fusion`.
 */
export const fusionTdwa: FusionNetwork<FusionTdwaConfig> = {
  name: 'fusion-tdwa',
  role: 'fusion',
  schema: tdwaSchema,
  build: (config, scope, inputs) => {
    const [restored, denoised, t] = inputs as [Value, Value, Value];
    const weight = reshape(colourShare(config, scope, t), [t.shape[0]!, 3, 1, 1]);
    return add(denoised, mul(weight, sub(restored, denoised)));
  },
  inputShapes: (_config, { batch, height, width }) => [
    [batch, 3, height, width],
    [batch, 3, height, width],
    [batch],
  ],
  sizeRule: () => ({ multiple: 1, minimum: 1 }),
  receptiveRadius: () => 0,
  mixing: (config, scope, t) => ({ colours: colourShare(config, scope, t) }),
  configure: (state) => {
    const [colours, features] = shapeOf(state, 'time.4.weight', 2) ?? [];
    return colours === 3 && state.has('time.2.weight') ? { features } : undefined;
  },
};

/** w in (0, 1), [N, 3]. */
function colourShare({ features }: FusionTdwaConfig, scope: ParameterScope, t: Value): Value {
  const first = relu(linear(scope.child('time.0'), timeEncoding(t, features), features));
  const second = relu(linear(scope.child('time.2'), first, features));
  return sigmoid(linear(scope.child('time.4'), second, 3));
}

const ldwtSchema = z.strictObject({
  /** Levels of the wavelet transform. */
  levels: z.int().min(1).max(8).default(3),
  wavelet: z.literal('haar').default('haar'),
});

type FusionLdwtConfig = z.infer<typeof ldwtSchema>;

const h = 0.5;
/** Rows LL, LH, HL, HH over the pixels of a 2x2 block, row by row; its own inverse. */
const haar = tensor([4, 4], [h, h, h, h, h, -h, h, -h, h, h, -h, -h, h, -h, -h, h]);

/**
 * Learned mixing of wavelet sub-bands, a rival of the fusion network in the paper's Table 5:
 * sigmoid(weight) times the sub-band of x_IR plus the rest of x_D's, for the sub-bands of an
 * orthonormal Haar transform and each colour. Rows of `weight`: the coarsest LL, then LH, HL, HH
 * from the coarsest level to the finest. Inputs as those of `fusion`; t plays no part.
 */
export const fusionLdwt: FusionNetwork<FusionLdwtConfig> = {
  name: 'fusion-ldwt',
  role: 'fusion',
  schema: ldwtSchema,
  build: ({ levels }, scope, inputs) => {
    const [restored, denoised] = inputs as [Value, Value];
    const [height, width] = restored.shape.slice(2) as [number, number];
    const weight = sigmoid(scope.parameter('weight', [1 + 3 * levels, 3]));
    const difference = padToMultiple(sub(restored, denoised), 2 ** levels);
    return add(denoised, crop(weighted(difference, weight, levels), height, width));
  },
  inputShapes: (_config, { batch, height, width }) => [
    [batch, 3, height, width],
    [batch, 3, height, width],
    [batch],
  ],
  sizeRule: ({ levels }) => ({ multiple: 2 ** levels, minimum: 2 ** levels }),
  receptiveRadius: ({ levels }) => 2 ** levels - 1,
  configure: (state) => {
    const [bands, colours] = shapeOf(state, 'weight', 2) ?? [];
    const levels = (bands! - 1) / 3;
    if (state.size !== 1 || colours !== 3 || !Number.isInteger(levels)) return undefined;
    return levels >= 1 && levels <= 8 ? { levels } : undefined;
  },
};

/** x with the sub-bands of `levels` further levels multiplied by the rows of `weight`. */
function weighted(x: Value, weight: Value, levels: number): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (levels === 0) return mul(x, reshape(slice(weight, 0, 0, 1), [1, channels, 1, 1]));
  const [rows, columns] = [height / 2, width / 2];
  const blocks = [batch * channels, 4, rows * columns];
  const bands = matmul(constant(haar), reshape(pixelUnshuffle(x, 2), blocks));
  const coarse = reshape(slice(bands, 1, 0, 1), [batch, channels, rows, columns]);
  const fine = reshape(slice(bands, 1, 1, 4), [batch, channels, 3, rows * columns]);
  const own = weight.shape[0]! - 3;
  const last = slice(weight, 0, own, own + 3);
  const perChannel = concat(
    Array.from({ length: channels }, (_, channel) =>
      reshape(slice(last, 1, channel, channel + 1), [1, 1, 3, 1]),
    ),
    1,
  );
  const low = weighted(coarse, slice(weight, 0, 0, own), levels - 1);
  const mixed = concat(
    [reshape(low, [batch, channels, 1, rows * columns]), mul(fine, perChannel)],
    2,
  );
  const pixels = matmul(constant(haar), reshape(mixed, blocks));
  return pixelShuffle(reshape(pixels, [batch, channels * 4, rows, columns]), 2);
}
