import { type Value, add, constant, conv2d, div, mul, reduceMean, reduceSum, scalar, sqrt, sub } from '../../graph/index.js';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import type { StateShapes } from '../network.js';
import { type Backbone, type LpipsBackbone, lpipsBackbones } from './lpips-backbones.js';
import { sliceFeatures, smallestSide } from './lpips-features.js';
import type { PerceptualNetwork } from './perceptual-network.js';
import { z } from 'zod';

const schema = z.strictObject({});

export type LpipsConfig = z.infer<typeof schema>;

/** Mean and deviation of pictures in [-1, 1], as the published heads expect them. */
const SHIFT = [-0.03, -0.088, -0.188];
const SCALE = [0.458, 0.448, 0.45];
/** Added to the length of a feature vector before it is divided by it. */
const EPSILON = 1e-10;

export const lpipsAlex = lpips('alex');
export const lpipsVgg = lpips('vgg');
export const lpipsSqueeze = lpips('squeeze');

/** The perceptual network of each backbone. */
export const lpipsNetworks = {
  alex: lpipsAlex,
  vgg: lpipsVgg,
  squeeze: lpipsSqueeze,
} as const satisfies Record<LpipsBackbone, PerceptualNetwork<LpipsConfig>>;

/**
 * LPIPS v0.1 (Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual
 * Metric", CVPR 2018): the sum, over the slices of a classifier, of the mean over pixels of
 * w . (f(a) - f(b))^2, features f being scaled to unit length at every pixel. 0 for equal pictures.
 */
function lpips(name: LpipsBackbone): PerceptualNetwork<LpipsConfig> {
  const backbone: Backbone = lpipsBackbones[name];
  const minimum = smallestSide(backbone);
  return {
    name: `lpips-${name}`,
    schema,
    better: 'lower',
    pictures: () => 2,
    minimum: () => minimum,
    build: (_config, scope, pictures) => {
      const [a, b] = pictures as [Value, Value];
      if (a.shape.join() !== b.shape.join())
        throw new ParameterError('reference', `the picture's shape [${a.shape}]`, b.shape);
      const [first, second] = [a, b].map((pictures) =>
        sliceFeatures(backbone, scope.child('net'), normalized(pictures)).map(unitLength),
      ) as [Value[], Value[]];
      const distances = first.map((features, index) => {
        const difference = sub(features, second[index]!);
        const head = scope.child(`lin${index}.model.1`);
        const weight = head.parameter('weight', [1, features.shape[1]!, 1, 1]);
        const weighted = conv2d(mul(difference, difference), weight, undefined);
        return reduceMean(weighted, [1, 2, 3], false);
      });
      return distances.reduce((sum, distance) => add(sum, distance));
    },
    aliases: () => new Map(backbone.slices.map((_, index) => [secondName(index), headName(index)])),
    configure: (state) => (isOwn(backbone, state) ? {} : undefined),
    isBuffer: (key) => key === 'scaling_layer.shift' || key === 'scaling_layer.scale',
  };
}

const headName = (index: number): string => `lin${index}.model.1.weight`;
/** Later releases list the heads once more. */
const secondName = (index: number): string => `lins.${index}.model.1.weight`;

/** [N, 3, H, W] in [0, 1] as the classifiers take it. */
function normalized(pictures: Value): Value {
  const perChannel = (value: (channel: number) => number): Value =>
    constant(tensor([1, 3, 1, 1], [0, 1, 2].map(value)));
  const factor = perChannel((channel) => 2 / SCALE[channel]!);
  const offset = perChannel((channel) => (1 + SHIFT[channel]!) / SCALE[channel]!);
  return sub(mul(pictures, factor), offset);
}

/** [N, C, H, W] divided by the length of the vector at each pixel; zeros stay zeros. */
function unitLength(x: Value): Value {
  const length = sqrt(reduceSum(mul(x, x), [1]));
  return div(x, add(length, scalar(EPSILON)));
}

/** True where there is a head for each slice, and every layer under its own place. */
function isOwn({ slices }: Backbone, state: StateShapes): boolean {
  const hasHead = (index: number): boolean =>
    state.has(headName(index)) || state.has(secondName(index));
  const layers = slices.flatMap((own, index) =>
    own.flatMap((layer) => {
      if (layer.kind === 'pooling') return [];
      const part = layer.kind === 'fire' ? '.squeeze' : '';
      return [`net.slice${index + 1}.${layer.index}${part}.weight`];
    }),
  );
  return slices.every((_, index) => hasHead(index)) && layers.every((key) => state.has(key));
}
