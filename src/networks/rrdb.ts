import { z } from 'zod';
import {
  add,
  leakyRelu,
  mul,
  type ParameterScope,
  pixelUnshuffle,
  resizeNearest,
  scalar,
  type Value,
} from '../graph/index.js';
import { ParameterError } from '../utils/errors.js';
import { convolution, crop, DENSE_LAYERS, denseBlock, padToMultiple } from './layers.js';
import {
  countLayers,
  noiseChannel,
  type RestorerOrDenoiserNetwork,
  type StateShapes,
  shapeOf,
} from './network.js';

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
type RrdbConfig = z.infer<typeof schema>;

const SLOPE = 0.2;
const DENSE_BLOCKS = 3;

/**
 * The generator of ESRGAN (Wang et al., "ESRGAN: Enhanced Super-Resolution Generative Adversarial
 * Networks", ECCV workshops 2018) and of Real-ESRGAN: residual-in-residual dense blocks, then two
 * doublings by repeated pixels. The input is an image [N, num_in_ch, H, W] in [0, 1]; the output
 * is `scale` times as large.
 */
export const rrdb: RestorerOrDenoiserNetwork<RrdbConfig> = {
  name: 'rrdb',
  role: 'restorer-or-denoiser',
  schema,
  build: (config, scope, [image]) => {
    const { num_in_ch, num_out_ch, num_feat, scale } = config;
    const [, channels, height, width] = image!.shape as [number, number, number, number];
    if (channels !== num_in_ch)
      throw new ParameterError('rrdb input', `${num_in_ch} channels`, channels);
    const factor = unshuffle(config);
    const padded = padToMultiple(image!, factor);
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
  noiseInput: ({ num_in_ch, num_out_ch, scale }) =>
    scale === 1 ? noiseChannel(num_in_ch, num_out_ch) : undefined,
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

/**
 * RRDB's constructor arguments from a state dictionary in current or older names. An input of 4 or
 * 16 times the channels of the output is a folded image, of scale 2 or 1.
 */
function configureRrdb(state: StateShapes): Record<string, unknown> | undefined {
  for (const { layer, around } of forms) {
    const dense = (group: number): string => `${layer(group, 1, 1)}.weight`;
    const blocks = countLayers(state, dense);
    const growth = shapeOf(state, dense(0), 4)?.[0];
    const names = around(blocks);
    const first = shapeOf(state, `${names[0]}.weight`, 4);
    const last = shapeOf(state, `${names.at(-1)}.weight`, 4);
    if (growth === undefined || first === undefined || last === undefined) continue;
    const [features, inputs] = first as [number, number];
    const outputs = last[0]!;
    const scale = [2, 1].find((factor) => inputs === outputs * (4 / factor) ** 2) ?? 4;
    return {
      num_in_ch: inputs / (4 / scale) ** 2,
      num_out_ch: outputs,
      scale,
      num_feat: features,
      num_block: blocks,
      num_grow_ch: growth,
    };
  }
  return undefined;
}

/** A dense layer's name, the block and the layer counted from 1. */
type LayerName = (group: number, block: number, layer: number) => string;

/** One form of the network's names. */
interface Form {
  readonly layer: LayerName;
  /** First convolution, that after the blocks, the two after the doublings, and the last two. */
  readonly around: (blocks: number) => readonly string[];
}

const current: Form = {
  layer: (group, block, layer) => `body.${group}.rdb${block}.conv${layer}`,
  around: () => ['conv_first', 'conv_body', 'conv_up1', 'conv_up2', 'conv_hr', 'conv_last'],
};

/** ESRGAN's original repository, before the network moved to BasicSR. */
const second: Form = {
  layer: (group, block, layer) => `RRDB_trunk.${group}.RDB${block}.conv${layer}`,
  around: () => ['conv_first', 'trunk_conv', 'upconv1', 'upconv2', 'HRconv', 'conv_last'],
};

/** The first publication, a sequence of numbered layers. */
const first: Form = {
  layer: (group, block, layer) => `model.1.sub.${group}.RDB${block}.conv${layer}.0`,
  around: (blocks) => [
    'model.0',
    `model.1.sub.${blocks}`,
    'model.3',
    'model.6',
    'model.8',
    'model.10',
  ],
};

/** Every form, the current one first. */
const forms: readonly Form[] = [current, second, first];

/** Names of the older forms, each with the current one. */
function olderNames(groups: number, blocks: number, layers: number): Map<string, string> {
  const names = new Map<string, string>();
  const both = (older: string, name: string): void => {
    if (older === name) return;
    for (const part of ['weight', 'bias']) names.set(`${older}.${part}`, `${name}.${part}`);
  };
  for (const form of forms.slice(1)) {
    const around = current.around(groups);
    form.around(groups).forEach((older, place) => {
      both(older, around[place]!);
    });
    for (let group = 0; group < groups; group += 1)
      for (let block = 1; block <= blocks; block += 1)
        for (let layer = 1; layer <= layers; layer += 1)
          both(form.layer(group, block, layer), current.layer(group, block, layer));
  }
  return names;
}
