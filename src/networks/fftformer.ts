import { type ParameterScope, type Value, add, resizeBilinear } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { blocks, fuse } from './fftformer/block.js';
import { type FftformerConfig, fftformerSchema } from './fftformer/configuration.js';
import { configureFftformer } from './fftformer/configure.js';
import { PATCH } from './fftformer/patch-spectrum.js';
import { convolution, defaultInitial } from './layers.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';

/** Patches are whole at a quarter of the size, too. */
const MULTIPLE = 4 * PATCH;

/**
 * FFTformer (Kong et al., "Efficient Frequency Domain-based Transformers for High-Quality Image
 * Deblurring", CVPR 2023). The input [N, inputs, H, W] is a blurred picture in [0, 1]; the network
 * predicts what is added to it. The Fourier transforms of its patches are products with constant
 * matrices.
 */
export const fftformer: Network<FftformerConfig> = {
  name: 'fftformer',
  schema: fftformerSchema,
  build: (config, scope, [picture]) => {
    const [, channels, height, width] = picture!.shape as [number, number, number, number];
    if (channels !== config.inputs)
      throw new ParameterError('fftformer input', `${config.inputs} channels`, channels);
    const padded = padToMultiple(picture!, MULTIPLE);
    const layer = { filters: config.features, bias: false };
    const shallow = convolution(scope.child('patch_embed.proj'), padded, layer);
    const deep = decoded(config, scope, shallow);
    declareUnused(config, scope);
    const made = convolution(scope.child('output'), deep, {
      filters: config.outputs,
      bias: config.bias,
    });
    return crop(add(made, padded), height, width);
  },
  inputShapes: ({ inputs }, { batch, height, width }) => [[batch, inputs, height, width]],
  scale: () => 1,
  sizeRule: () => ({ multiple: MULTIPLE, minimum: MULTIPLE }),
  receptiveRadius: () => undefined,
  configure: configureFftformer,
};

/** A U-shaped network over three sizes; only its way up has attention. */
function decoded(config: FftformerConfig, scope: ParameterScope, shallow: Value): Value {
  const { features } = config;
  const [first, second, third] = config.blocks;
  const part = (name: string, x: Value, count: number): Value =>
    blocks(config, scope.child(name), x, { count, attends: !name.startsWith('encoder') });
  const resized = (name: string, x: Value, factor: number, filters: number): Value => {
    const [height, width] = x.shape.slice(2) as [number, number];
    const size = [height * factor, width * factor] as const;
    const layer = { filters, bias: false };
    return convolution(scope.child(`${name}.body.1`), resizeBilinear(x, size), layer);
  };
  const full = part('encoder_level1', shallow, first);
  const half = part('encoder_level2', resized('down1_2', full, 0.5, 2 * features), second);
  const quarter = part('encoder_level3', resized('down2_3', half, 0.5, 4 * features), third);

  let x = part('decoder_level3', quarter, third);
  x = fuse(scope.child('fuse2'), resized('up3_2', x, 2, 2 * features), half);
  x = part('decoder_level2', x, second);
  x = fuse(scope.child('fuse1'), resized('up2_1', x, 2, features), full);
  x = part('decoder_level1', x, first);
  return part('refinement', x, config.refinements);
}

/** The reference has, and its checkpoints hold, a convolution that it never runs. */
function declareUnused({ features, bias }: FftformerConfig, scope: ParameterScope): void {
  const unused = scope.child('reduce_chan_level2');
  const initial = defaultInitial(4 * features);
  unused.parameter('weight', [2 * features, 4 * features, 1, 1], initial);
  if (bias) unused.parameter('bias', [2 * features], initial);
}
