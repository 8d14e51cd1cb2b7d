import { type ParameterScope, type Value, add, leakyRelu, mul, pixelUnshuffle, resizeNearest, scalar } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { DENSE_LAYERS, denseBlock } from './dense-block.js';
import { convolution } from './layers.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';
import { configureRrdb } from './rrdb/configure.js';
import { olderNames } from './rrdb/older-names.js';
import { z } from 'zod';

const count = z.int().min(1);

const schema = z.strictObject({
  num_in_ch: count.default(3),
  num_out_ch: count.default(3),
  /** Output size over input size. Below 4 the input is folded into more channels first. */
  scale: z.literal([1, 2, 4]).default(4),
  num_feat: count.default(64),
  /** Residual-in-residual blocks of three dense blocks each. */
  num_block: count.default(23),
  /** Channels that each layer of a dense block adds. */
  num_grow_ch: count.default(32),
});

/** The reference's constructor arguments. */
export type RrdbConfig = z.infer<typeof schema>;

const SLOPE = 0.2;
const DENSE_BLOCKS = 3;

/**
 * The generator of ESRGAN (Wang et al., "ESRGAN: Enhanced Super-Resolution Generative Adversarial
 * Networks", ECCV workshops 2018) and of Real-ESRGAN: residual-in-residual dense blocks, then two
 * doublings by repeated pixels. The input is a picture [N, num_in_ch, H, W] in [0, 1]; the output
 * is `scale` times as large.
 */
export const rrdb: Network<RrdbConfig> = {
  name: 'rrdb',
  schema,
  build: (config, scope, [picture]) => {
    const { num_in_ch, num_out_ch, num_feat, scale } = config;
    const [, channels, height, width] = picture!.shape as [number, number, number, number];
    if (channels !== num_in_ch)
      throw new ParameterError('rrdb input', `${num_in_ch} channels`, channels);
    const factor = unshuffle(config);
    const padded = padToMultiple(picture!, factor);
    const folded = factor === 1 ? padded : pixelUnshuffle(padded, factor);
    const layer = (name: string, x: Value): Value =>
      convolution(scope.child(name), x, { filters: num_feat });
    const shallow = layer('conv_first', folded);
    let x = shallow;
    for (let block = 0; block < config.num_block; block += 1)
      x = residualBlock(config, scope.child(`body.${block}`), x);
    x = add(shallow, layer('conv_body', x));
    for (const name of ['conv_up1', 'conv_up2'])
      x = leakyRelu(layer(name, resizeNearest(x, 2)), SLOPE);
    x = leakyRelu(layer('conv_hr', x), SLOPE);
    const made = convolution(scope.child('conv_last'), x, { filters: num_out_ch });
    return crop(made, height * scale, width * scale);
  },
  inputShapes: ({ num_in_ch }, { batch, height, width }) => [[batch, num_in_ch, height, width]],
  scale: ({ scale }) => scale,
  sizeRule: (config) => ({ multiple: unshuffle(config), minimum: unshuffle(config) }),
  // The convolutions after the doublings reach two pixels of the features below them.
  receptiveRadius: (config) =>
    unshuffle(config) * (1 + DENSE_BLOCKS * DENSE_LAYERS * config.num_block + 1 + 2),
  olderNames: ({ num_block }) => olderNames(num_block, DENSE_BLOCKS, DENSE_LAYERS),
  configure: configureRrdb,
};

function unshuffle({ scale }: RrdbConfig): number {
  return 4 / scale;
}

function residualBlock(config: RrdbConfig, scope: ParameterScope, x: Value): Value {
  let result = x;
  for (let block = 1; block <= DENSE_BLOCKS; block += 1)
    result = denseBlock(scope.child(`rdb${block}`), result, config.num_grow_ch);
  return add(x, mul(result, scalar(0.2)));
}
