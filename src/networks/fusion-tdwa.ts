import { type ParameterScope, type Value, add, mul, relu, reshape, sigmoid, sub } from '../graph/index.js';
import { linear } from './layers.js';
import type { Network } from './network.js';
import { shapeOf } from './state-shapes.js';
import { timeEncoding } from './time-encoding.js';
import { z } from 'zod';

const schema = z.strictObject({
  /** Values of the time encoding and of the hidden layers; even. */
  features: z.int().min(2).max(65536).multipleOf(2).default(64),
});

export type FusionTdwaConfig = z.infer<typeof schema>;

/**
 * Time-dependent weighted average, a rival of the fusion network in the paper's Table 5:
 * w x_IR + (1 - w) x_D with one w in (0, 1) per colour, made from the timestep by three linear
 * layers. Inputs as those of `fusion`.
 */
export const fusionTdwa: Network<FusionTdwaConfig> = {
  name: 'fusion-tdwa',
  schema,
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
  scale: () => 1,
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
