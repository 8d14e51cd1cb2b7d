import { z } from 'zod';
import { type ParameterScope, scalar } from '../graph/leaves.js';
import {
  add,
  clip,
  concat,
  div,
  expand,
  log,
  mul,
  pixelShuffle,
  pixelUnshuffle,
  sqrt,
  sub,
} from '../graph/operators/index.js';
import type { Value } from '../graph/value.js';
import { convolution, crop, padToMultiple } from './layers.js';
import {
  countLayers,
  type RestorerOrDenoiserNetwork,
  type StateShapes,
  shapeOf,
} from './network.js';
import { unetLevels } from './unet-levels.js';

const schema = z.strictObject({
  /** Pixels folded into channels before the first convolution. */
  unshuffle: z.int().min(1).max(8).default(2),
  /** Channels per level, the finest first. */
  widths: z.array(z.int().min(1)).min(1).max(6).default([32, 64, 128]),
  /** Residual blocks on each side of a level. */
  blocks: z.int().min(1).max(16).default(2),
  /** Residual blocks of the coarsest level; `blocks` unless given. */
  middle: z.int().min(1).max(32).optional(),
  /**
   * Every block weighs its hidden channels by what it finds in the whole image (Hu et al. 2018),
   * such as the way a camera moved, and changes nothing at first.
   */
  attention: z.boolean().default(false),
  /**
   * What the layers estimate: the noise at unit variance, D = x - sigma net; the mixture of image
   * and noise that has unit variance at every level (Karras et al. 2022, table 1); or, without a noise
   * level, the residual of a degraded image: a restorer of the same size.
   */
  prediction: z.enum(['noise', 'preconditioned', 'residual']).default('noise'),
});

type UnshuffledUnetConfig = z.infer<typeof schema>;

/**
 * A compact Gaussian denoiser or restorer: a residual U-Net on pixel-unshuffled images.
 *
 * Inputs of a denoiser: the noisy image [N, 3, H, W] and the noise's standard deviation
 * [N, 1, 1, 1] in units of the image. Without noise the image comes back as it is. With the
 * prediction `residual`: the degraded image [N, 3, H, W] alone.
 */
export const unshuffledUnet: RestorerOrDenoiserNetwork<UnshuffledUnetConfig> = {
  name: 'unshuffled-unet',
  role: 'restorer-or-denoiser',
  schema,
  build: (config, scope, inputs) => {
    const [image, sigma] = inputs as [Value, Value];
    if (config.prediction === 'residual') {
      const centred = div(sub(image, scalar(MEAN)), scalar(DEVIATION));
      return add(image, mul(layers(config, scope, centred, undefined), scalar(DEVIATION)));
    }
    if (config.prediction === 'noise')
      return sub(image, mul(layers(config, scope, image, sigma), sigma));
    const { skip, input, output, level } = preconditioning(sigma);
    const centred = mul(sub(image, scalar(MEAN)), input);
    const kept = add(mul(image, skip), mul(sub(scalar(1), skip), scalar(MEAN)));
    return add(kept, mul(layers(config, scope, centred, level), output));
  },
  inputShapes: ({ prediction }, { batch, height, width }) => {
    const image = [batch, 3, height, width];
    return prediction === 'residual' ? [image] : [image, [batch, 1, 1, 1]];
  },
  scale: () => 1,
  noiseInput: ({ prediction }) => (prediction === 'residual' ? undefined : 'input'),
  sizeRule: (config) => ({ multiple: multipleOf(config), minimum: multipleOf(config) }),
  receptiveRadius: ({ unshuffle, widths, blocks, middle = blocks, attention }) => {
    if (attention) return undefined;
    const perLevel = widths.map((_, index) => {
      const convolutions = index === widths.length - 1 ? 2 * middle : 4 * blocks;
      return (convolutions + 1) * 2 ** index;
    });
    return unshuffle * (2 + perLevel.reduce((sum, pixels) => sum + pixels, 0));
  },
  configure,
};

/** Shapes do not determine the `prediction` of a denoiser, which defaults to `noise`. */
function configure(state: StateShapes): Record<string, unknown> | undefined {
  const folded = shapeOf(state, 'tail.weight', 4)?.[0];
  const block = (level: number, index: number): string =>
    `levels.${level}.encoder.${index}.conv1.weight`;
  const levels = countLayers(state, (level) => block(level, 0));
  const seen = shapeOf(state, 'head.weight', 4)?.[1];
  if (folded === undefined || levels === 0) return undefined;
  const blocksOf = (level: number): number => countLayers(state, (index) => block(level, index));
  const [blocks, middle] = [blocksOf(0), blocksOf(levels - 1)];
  return {
    unshuffle: Math.sqrt(folded / 3),
    widths: Array.from({ length: levels }, (_, level) => state.get(block(level, 0))![0]),
    blocks,
    ...(middle === blocks ? {} : { middle }),
    ...(state.has('levels.0.encoder.0.attention.weight') ? { attention: true } : {}),
    prediction: seen === folded ? 'residual' : 'noise',
  };
}

function multipleOf({ unshuffle, widths }: UnshuffledUnetConfig): number {
  return unshuffle * 2 ** (widths.length - 1);
}

/** Mean and standard deviation of photographs in [0, 1] units. */
const MEAN = 0.45;
const DEVIATION = 0.25;
const SMALLEST_SIGMA = 1e-3;
const LARGEST_SIGMA = 1e3;

/** The factors of Karras et al. 2022, table 1, and the noise level as the layers see it. */
function preconditioning(sigma: Value) {
  const variance = scalar(DEVIATION ** 2);
  const total = add(mul(sigma, sigma), variance);
  const deviation = sqrt(total);
  const clipped = clip(sigma, { minimum: SMALLEST_SIGMA, maximum: LARGEST_SIGMA });
  return {
    skip: div(variance, total),
    input: div(scalar(1), deviation),
    output: div(mul(sigma, scalar(DEVIATION)), deviation),
    level: mul(log(clipped), scalar(0.25)),
  };
}

/** The layers without what surrounds them: [N, 3, H, W] and, if any, [N, 1, 1, 1] to [N, 3, H, W]. */
function layers(
  config: UnshuffledUnetConfig,
  scope: ParameterScope,
  image: Value,
  sigma: Value | undefined,
): Value {
  const padded = padToMultiple(image, multipleOf(config));
  const folded = pixelUnshuffle(padded, config.unshuffle);
  const [batch, channels, height, width] = folded.shape as [number, number, number, number];
  const map = sigma === undefined ? [] : [expand(sigma, [batch, 1, height, width])];
  const head = convolution(scope.child('head'), concat([folded, ...map], 1), {
    filters: config.widths[0]!,
    kernel: 3,
  });
  const features = unetLevels(config, scope, head);
  const estimate = convolution(scope.child('tail'), features, {
    filters: channels,
    kernel: 3,
    // A restorer begins with the image as it is.
    ...(config.prediction === 'residual' ? { initial: { kind: 'zeros' } } : {}),
  });
  const [rows, columns] = image.shape.slice(2) as [number, number];
  return crop(pixelShuffle(estimate, config.unshuffle), rows, columns);
}
