import { z } from 'zod';
import {
  add,
  concat,
  leakyRelu,
  maxPool2d,
  type ParameterScope,
  resizeBilinear,
  slice,
  type Value,
} from '../graph/index.js';
import { ParameterError } from '../utils/errors.js';
import { convolution, crop, padToMultiple } from './layers.js';
import {
  countLayers,
  noiseChannel,
  type RestorerOrDenoiserNetwork,
  type StateShapes,
  shapeOf,
} from './network.js';

const OUTPUTS = 3;

const schema = z.strictObject({
  /** The image's three channels, and further maps such as the noise level. */
  in_channels: z.int().min(OUTPUTS).default(4),
  /** Channels per level, the finest first. */
  widths: z.array(z.int().min(1)).min(1).max(8).default([32, 64, 128, 256, 512]),
});

type UdpConfig = z.infer<typeof schema>;

/** Convolutions on each side of a level. */
const CONVOLUTIONS = 3;

/**
 * The U-Net of Brooks et al., "Unprocessing Images for Learned Raw Denoising" (CVPR 2019). The
 * input [N, in_channels, H, W] holds the noisy image in [0, 1] and further maps such as the
 * noise level; the output is the image plus a correction.
 */
export const udp: RestorerOrDenoiserNetwork<UdpConfig> = {
  name: 'udp',
  role: 'restorer-or-denoiser',
  schema,
  build: (config, scope, [image]) => {
    const [, channels, height, width] = image!.shape as [number, number, number, number];
    if (channels !== config.in_channels)
      throw new ParameterError('udp input', `${config.in_channels} channels`, channels);
    const padded = padToMultiple(image!, multiple(config));
    const features = level(config.widths, scope, padded);
    const made = convolution(scope.child('conv_out'), features, { filters: OUTPUTS });
    return crop(add(slice(padded, 1, 0, OUTPUTS), made), height, width);
  },
  inputShapes: ({ in_channels }, { batch, height, width }) => [[batch, in_channels, height, width]],
  scale: () => 1,
  noiseInput: ({ in_channels }) => noiseChannel(in_channels, OUTPUTS),
  sizeRule: (config) => ({ multiple: multiple(config), minimum: multiple(config) }),
  receptiveRadius: ({ widths }) => {
    // Pooling and linear enlargement together reach two pixels beyond twice the level below.
    const around = (below: number): number => 2 * CONVOLUTIONS + 2 * (below + 1);
    return 1 + widths.slice(1).reduce(around, CONVOLUTIONS);
  },
  configure,
};

function configure(state: StateShapes): Record<string, unknown> | undefined {
  const down = (level: number): string => `down.${level}.0.weight`;
  const levels = countLayers(state, down);
  const weights = [...Array.from({ length: levels }, (_, level) => down(level)), 'middle.0.weight'];
  const shapes = weights.map((key) => shapeOf(state, key, 4));
  const inputs = shapes[0]?.[1];
  const own = inputs !== undefined && state.has('conv_out.weight');
  return own && shapes.every((shape) => shape !== undefined)
    ? { in_channels: inputs, widths: shapes.map((shape) => shape[0]!) }
    : undefined;
}

function multiple({ widths }: UdpConfig): number {
  return 2 ** (widths.length - 1);
}

/** What a level and all coarser ones make of [N, C, H, W]: [N, widths[index], H, W]. */
function level(widths: readonly number[], scope: ParameterScope, x: Value, index = 0): Value {
  const filters = widths[index]!;
  if (index === widths.length - 1) return convolutions(scope.child('middle'), x, filters);
  const skipped = convolutions(scope.child(`down.${index}`), x, filters);
  const deep = level(widths, scope, maxPool2d(skipped, { kernel: 2 }), index + 1);
  const [height, width] = skipped.shape.slice(2) as [number, number];
  const joined = concat([resizeBilinear(deep, [height, width]), skipped], 1);
  return convolutions(scope.child(`up.${widths.length - 2 - index}`), joined, filters);
}

function convolutions(scope: ParameterScope, x: Value, filters: number): Value {
  let result = x;
  for (let layer = 0; layer < CONVOLUTIONS; layer += 1)
    result = leakyRelu(convolution(scope.child(`${layer}`), result, { filters }), 0.2);
  return result;
}
