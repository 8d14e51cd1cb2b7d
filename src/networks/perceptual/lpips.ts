import { z } from 'zod';
import {
  add,
  concat,
  conv2d,
  div,
  maxPool2d,
  mul,
  type ParameterScope,
  pad,
  reduceMean,
  reduceSum,
  relu,
  scalar,
  sqrt,
  sub,
  type Value,
} from '../../graph/index.js';
import { ParameterError } from '../../utils/errors.js';
import { convolution, perChannel } from '../layers.js';
import type { PerceptualNetwork, StateShapes } from '../network.js';

/** A convolution and a rectifier; `index` is its index in torchvision's `features`. */
interface Convolution {
  readonly kind: 'convolution';
  readonly index: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** SqueezeNet's module: `squeeze` channels, then `expand` by 1x1 joined with `expand` by 3x3. */
interface Fire {
  readonly kind: 'fire';
  readonly index: number;
  readonly squeeze: number;
  readonly expand: number;
}

/** A maximum over kernel x kernel pixels at stride 2; `ceil` lets windows hang over the end. */
export interface Pooling {
  readonly kind: 'pooling';
  readonly kernel: number;
  readonly ceil: boolean;
}

export type Layer = Convolution | Fire | Pooling;

/** A classifier's convolutions, cut where LPIPS compares features: at the end of each slice. */
interface Backbone {
  /** The name that torchvision gives the classifier. */
  readonly torchvision: string;
  readonly slices: readonly (readonly Layer[])[];
}

/** The backbones of LPIPS v0.1 by the names that LPIPS gives them. */
export const lpipsBackbones = {
  alex: {
    torchvision: 'alexnet',
    slices: [
      [convolutionLayer(0, 64, { kernel: 11, stride: 4, padding: 2 })],
      [poolingLayer(3), convolutionLayer(3, 192, { kernel: 5 })],
      [poolingLayer(3), convolutionLayer(6, 384)],
      [convolutionLayer(8, 256)],
      [convolutionLayer(10, 256)],
    ],
  },
  vgg: {
    torchvision: 'vgg16',
    slices: [
      [convolutionLayer(0, 64), convolutionLayer(2, 64)],
      [poolingLayer(2), convolutionLayer(5, 128), convolutionLayer(7, 128)],
      [
        poolingLayer(2),
        convolutionLayer(10, 256),
        convolutionLayer(12, 256),
        convolutionLayer(14, 256),
      ],
      [
        poolingLayer(2),
        convolutionLayer(17, 512),
        convolutionLayer(19, 512),
        convolutionLayer(21, 512),
      ],
      [
        poolingLayer(2),
        convolutionLayer(24, 512),
        convolutionLayer(26, 512),
        convolutionLayer(28, 512),
      ],
    ],
  },
  squeeze: {
    torchvision: 'squeezenet1_1',
    slices: [
      [convolutionLayer(0, 64, { stride: 2, padding: 0 })],
      [poolingLayer(3, true), fireLayer(3, 16, 64), fireLayer(4, 16, 64)],
      [poolingLayer(3, true), fireLayer(6, 32, 128), fireLayer(7, 32, 128)],
      [poolingLayer(3, true), fireLayer(9, 48, 192)],
      [fireLayer(10, 48, 192)],
      [fireLayer(11, 64, 256)],
      [fireLayer(12, 64, 256)],
    ],
  },
} as const satisfies Record<string, Backbone>;

export type LpipsBackbone = keyof typeof lpipsBackbones;

/** Output rows of a layer for `extent` input rows; below 1 where there are too few. */
function layerExtent(layer: Layer, extent: number): number {
  if (layer.kind === 'fire') return extent;
  if (layer.kind === 'convolution')
    return Math.floor((extent + 2 * layer.padding - layer.kernel) / layer.stride) + 1;
  const steps = (extent - layer.kernel) / 2;
  return (layer.ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
}

function convolutionLayer(
  index: number,
  filters: number,
  { kernel = 3, stride = 1, padding = Math.floor(kernel / 2) } = {},
): Convolution {
  return { kind: 'convolution', index, filters, kernel, stride, padding };
}

function fireLayer(index: number, squeeze: number, expand: number): Fire {
  return { kind: 'fire', index, squeeze, expand };
}

function poolingLayer(kernel: number, ceil = false): Pooling {
  return { kind: 'pooling', kernel, ceil };
}

/** The features of each slice of a backbone for [N, 3, H, W]; parameters `sliceI.INDEX.…` in `scope`. */
function sliceFeatures(
  { slices }: Backbone,
  scope: ParameterScope,
  images: Value,
): readonly Value[] {
  let x = images;
  return slices.map((layers, index) => {
    const own = scope.child(`slice${index + 1}`);
    x = layers.reduce((known, layer) => apply(layer, own, known), x);
    return x;
  });
}

/** The smallest height and width of which every slice makes something. */
function smallestSide({ slices }: Backbone): number {
  const extents = (side: number): number[] => {
    let extent = side;
    return slices.flat().map((layer) => {
      extent = layerExtent(layer, extent);
      return extent;
    });
  };
  let side = 1;
  while (extents(side).some((extent) => extent < 1)) side += 1;
  return side;
}

function apply(layer: Layer, scope: ParameterScope, x: Value): Value {
  if (layer.kind === 'pooling') return pool(layer, x);
  const own = scope.child(`${layer.index}`);
  if (layer.kind === 'fire') return fire(layer, own, x);
  const { filters, kernel, stride, padding } = layer;
  return relu(convolution(own, x, { filters, kernel, stride, padding }));
}

function fire({ squeeze, expand }: Fire, scope: ParameterScope, x: Value): Value {
  const small = relu(convolution(scope.child('squeeze'), x, { filters: squeeze, kernel: 1 }));
  const wide = (name: string, kernel: number): Value =>
    relu(convolution(scope.child(name), small, { filters: expand, kernel }));
  return concat([wide('expand1x1', 1), wide('expand3x3', 3)], 1);
}

/** Rectified features are not negative, so that zeros beyond the end change no maximum. */
function pool(layer: Pooling, x: Value): Value {
  const missing = (extent: number): number =>
    Math.max(0, (layerExtent(layer, extent) - 1) * 2 + layer.kernel - extent);
  const [height, width] = x.shape.slice(2) as [number, number];
  const margins = [
    [0, 0],
    [0, 0],
    [0, missing(height)],
    [0, missing(width)],
  ] as const;
  const padded = missing(height) + missing(width) === 0 ? x : pad(x, margins);
  return maxPool2d(padded, { kernel: layer.kernel, stride: 2 });
}

const schema = z.strictObject({});

type LpipsConfig = z.infer<typeof schema>;

/** Mean and deviation of images in [-1, 1], as the published heads expect them. */
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
 * w . (f(a) - f(b))^2, features f being scaled to unit length at every pixel. 0 for equal images.
 */
function lpips(name: LpipsBackbone): PerceptualNetwork<LpipsConfig> {
  const backbone: Backbone = lpipsBackbones[name];
  const minimum = smallestSide(backbone);
  return {
    name: `lpips-${name}`,
    role: 'perceptual',
    images: 2,
    schema,
    better: 'lower',
    inputShapes: (_config, { batch, height, width }) => [
      [batch, 3, height, width],
      [batch, 3, height, width],
    ],
    sizeRule: () => ({ multiple: 1, minimum }),
    build: (_config, scope, images) => {
      const [a, b] = images as [Value, Value];
      if (a.shape.join() !== b.shape.join())
        throw new ParameterError('reference', `the image's shape [${a.shape}]`, b.shape);
      const [first, second] = [a, b].map((images) =>
        sliceFeatures(backbone, scope.child('net'), normalized(images)).map(unitLength),
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
function normalized(images: Value): Value {
  const factor = perChannel(SCALE.map((scale) => 2 / scale));
  const offset = perChannel(SCALE.map((scale, channel) => (1 + SHIFT[channel]!) / scale));
  return sub(mul(images, factor), offset);
}

/** [N, C, H, W] divided by the length of the vector at each pixel; zeros stay zeros. */
function unitLength(x: Value): Value {
  const length = sqrt(reduceSum(mul(x, x), [1]));
  return div(x, add(length, scalar(EPSILON)));
}

/** True where each slice has a head, and every layer its index. */
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
