import { z } from 'zod';
import {
  add,
  concat,
  expand,
  mul,
  pixelShuffle,
  pixelUnshuffle,
  relu,
  sub,
} from '../graph/operators/index.js';
import type { ParameterScope } from '../graph/parameter-scope.js';
import type { Value } from '../graph/value.js';
import { convolution } from './layers.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';

const schema = z.strictObject({
  /** Pixels folded into channels before the first convolution. */
  unshuffle: z.int().min(1).max(8).default(2),
  /** Channels per level, the finest first. */
  widths: z.array(z.int().min(1)).min(1).max(6).default([32, 64, 128]),
  /** Residual blocks on each side of a level. */
  blocks: z.int().min(1).max(16).default(2),
});

export type UnshuffledUnetConfig = z.infer<typeof schema>;

/**
 * A compact Gaussian denoiser: a residual U-Net on pixel-unshuffled images.
 *
 * Inputs: the noisy image [N, 3, H, W] and the noise's standard deviation [N, 1, 1, 1] in units
 * of the image. The network predicts the noise at unit variance, so that
 * D(x, sigma) = x - sigma net(x, sigma) is accurate at every level.
 */
export const unshuffledUnet: Network<UnshuffledUnetConfig> = {
  name: 'unshuffled-unet',
  schema,
  build: (config, scope, inputs) => {
    const [image, sigma] = inputs as [Value, Value];
    const padded = padToMultiple(image, multipleOf(config));
    const folded = pixelUnshuffle(padded, config.unshuffle);
    const [batch, channels, height, width] = folded.shape as [number, number, number, number];
    const map = expand(sigma, [batch, 1, height, width]);
    const head = convolution(scope.child('head'), concat([folded, map], 1), {
      filters: config.widths[0]!,
      kernel: 3,
    });
    const features = level(config, scope, head, 0);
    const noise = convolution(scope.child('tail'), features, { filters: channels, kernel: 3 });
    const [rows, columns] = image.shape.slice(2) as [number, number];
    const unit = crop(pixelShuffle(noise, config.unshuffle), rows, columns);
    return sub(image, mul(unit, sigma));
  },
  inputShapes: (_config, { batch, height, width }) => [
    [batch, 3, height, width],
    [batch, 1, 1, 1],
  ],
  scale: () => 1,
  sizeRule: (config) => ({ multiple: multipleOf(config), minimum: multipleOf(config) }),
  receptiveRadius: ({ unshuffle, widths, blocks }) => {
    const perLevel = widths.map((_, index) => {
      const convolutions = index === widths.length - 1 ? 2 * blocks : 4 * blocks;
      return (convolutions + 1) * 2 ** index;
    });
    return unshuffle * (2 + perLevel.reduce((sum, pixels) => sum + pixels, 0));
  },
};

function multipleOf({ unshuffle, widths }: UnshuffledUnetConfig): number {
  return unshuffle * 2 ** (widths.length - 1);
}

function level(
  config: UnshuffledUnetConfig,
  scope: ParameterScope,
  x: Value,
  index: number,
): Value {
  const { widths, blocks } = config;
  const own = scope.child(`levels.${index}`);
  let features = x;
  for (let block = 0; block < blocks; block += 1)
    features = residualBlock(own.child(`encoder.${block}`), features);
  const below = widths[index + 1];
  if (below === undefined) return features;
  const down = convolution(own.child('down'), pixelUnshuffle(features, 2), {
    filters: below,
    kernel: 1,
  });
  const deep = level(config, scope, down, index + 1);
  const up = convolution(own.child('up'), deep, { filters: 4 * widths[index]!, kernel: 1 });
  features = add(features, pixelShuffle(up, 2));
  for (let block = 0; block < blocks; block += 1)
    features = residualBlock(own.child(`decoder.${block}`), features);
  return features;
}

function residualBlock(scope: ParameterScope, x: Value): Value {
  const filters = x.shape[1]!;
  const hidden = relu(convolution(scope.child('conv1'), x, { filters, kernel: 3 }));
  return add(x, convolution(scope.child('conv2'), hidden, { filters, kernel: 3 }));
}
