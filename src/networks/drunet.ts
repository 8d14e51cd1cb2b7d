import { z } from 'zod';
import {
  add,
  conv2d,
  expand,
  leakyRelu,
  type ParameterScope,
  pixelShuffle,
  reduceMean,
  relu,
  reshape,
  resizeNearest,
  transpose,
  type Value,
} from '../graph/index.js';
import { ParameterError } from '../utils/errors.js';
import { convolution, crop, defaultInitial, padToMultiple } from './layers.js';
import {
  countLayers,
  noiseChannel,
  type RestorerOrDenoiserNetwork,
  type StateShapes,
  shapeOf,
} from './network.js';

const count = z.int().min(1);

/** The reference's constructor arguments, under its names; defaults as for colour with a noise map. */
const drunetSchema = z.strictObject({
  /** Channels of the input: the image, and further maps such as the noise level. */
  in_nc: count.default(4),
  out_nc: count.default(3),
  /** Channels per level, the finest first. */
  nc: z.array(count).min(2).max(8).default([64, 128, 256, 512]),
  /** Residual blocks on each side of a level, and on the coarsest. */
  nb: count.default(4),
  /** The activation in a residual block: ReLU, or LeakyReLU with slope 0.2. */
  act_mode: z.literal(['R', 'L']).default('R'),
  // The reference's third way, maxpool, makes sizes that do not fit its skips.
  downsample_mode: z.literal(['strideconv', 'avgpool']).default('strideconv'),
  upsample_mode: z.literal(['convtranspose', 'pixelshuffle', 'upconv']).default('convtranspose'),
  /** Whether convolutions have a bias; the published weights have none. */
  bias: z.boolean().default(true),
});

type DrunetConfig = z.infer<typeof drunetSchema>;

/**
 * DRUNet (Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", IEEE TPAMI
 * 2021), a U-Net of residual blocks whose skips are added. The input [N, in_nc, H, W] holds the
 * noisy image in [0, 1] and the noise level; the output is the clean image itself.
 */
export const drunet: RestorerOrDenoiserNetwork<DrunetConfig> = {
  name: 'drunet',
  role: 'restorer-or-denoiser',
  schema: drunetSchema,
  build: (config, scope, [image]) => {
    const { in_nc, out_nc, nc, bias } = config;
    const [, channels, height, width] = image!.shape as [number, number, number, number];
    if (channels !== in_nc) throw new ParameterError('drunet input', `${in_nc} channels`, channels);
    const padded = padToMultiple(image!, multiple(config));
    const head = convolution(scope.child('m_head'), padded, { filters: nc[0]!, bias });
    const features = add(level(config, scope, head, 0), head);
    const made = convolution(scope.child('m_tail'), features, { filters: out_nc, bias });
    return crop(made, height, width);
  },
  inputShapes: ({ in_nc }, { batch, height, width }) => [[batch, in_nc, height, width]],
  scale: () => 1,
  noiseInput: ({ in_nc, out_nc }) => noiseChannel(in_nc, out_nc),
  sizeRule: (config) => ({ multiple: multiple(config), minimum: multiple(config) }),
  receptiveRadius: (config) => {
    const blocks = 2 * config.nb;
    const around = (below: number): number => 2 * blocks + resizingRadius(config, below);
    return 2 + config.nc.slice(1).reduce(around, blocks);
  },
  configure: configureDrunet,
};

function multiple({ nc }: DrunetConfig): number {
  return 2 ** (nc.length - 1);
}

/** What a level and all coarser ones make of [N, nc[index], H, W], in the same shape. */
function level(config: DrunetConfig, scope: ParameterScope, x: Value, index: number): Value {
  const { nc, nb } = config;
  const filters = nc[index + 1];
  if (filters === undefined) {
    const body = scope.child('m_body');
    // The reference makes no sequence of a single block.
    return nb === 1 ? residualBlock(config, body, x) : residualBlocks(config, body, x, 0);
  }
  const down = scope.child(`m_down${index + 1}`);
  const up = scope.child(`m_up${index + 1}`);
  const fine = residualBlocks(config, down, x, 0);
  const coarse = downSample(config, down, fine, { first: nb, filters });
  const deep = add(level(config, scope, coarse, index + 1), coarse);
  return residualBlocks(config, up, upSample(config, up, deep, nc[index]!), upSampleLayers(config));
}

/** The blocks of a level, from the layer `first` of a sequence on. */
function residualBlocks(
  config: DrunetConfig,
  scope: ParameterScope,
  x: Value,
  first: number,
): Value {
  let result = x;
  for (let block = 0; block < config.nb; block += 1)
    result = residualBlock(config, scope.child(`${first + block}`), result);
  return result;
}

function residualBlock({ act_mode, bias }: DrunetConfig, scope: ParameterScope, x: Value): Value {
  const layer = { filters: x.shape[1]!, bias };
  const hidden = convolution(scope.child('res.0'), x, layer);
  const active = act_mode === 'R' ? relu(hidden) : leakyRelu(hidden, 0.2);
  return add(x, convolution(scope.child('res.2'), active, layer));
}

/**
 * DRUNet's constructor arguments from a state dictionary. Shapes do not determine `act_mode`,
 * which defaults to ReLU as in all published weights.
 */
function configureDrunet(state: StateShapes): Record<string, unknown> | undefined {
  const head = shapeOf(state, 'm_head.weight', 4);
  const tail = shapeOf(state, 'm_tail.weight', 4);
  if (head === undefined || tail === undefined) return undefined;
  const block = (level: number, index: number): string =>
    `m_down${level + 1}.${index}.res.0.weight`;
  const levels = countLayers(state, (level) => block(level, 0));
  const blocks = countLayers(state, (index) => block(0, index));
  const fine = Array.from({ length: levels }, (_, level) => state.get(block(level, 0))![0]);
  // The reference makes no sequence of a single block.
  const body = blocks === 1 ? 'm_body' : 'm_body.0';
  const coarse = shapeOf(state, `${body}.res.0.weight`, 4)?.[0];
  if (levels === 0 || coarse === undefined) return undefined;
  return {
    in_nc: head[1],
    out_nc: tail[0],
    nc: [...fine, coarse],
    nb: blocks,
    act_mode: 'R',
    downsample_mode: state.has(`m_down1.${blocks}.weight`) ? 'strideconv' : 'avgpool',
    upsample_mode: upsampling(state),
    bias: state.has('m_head.bias'),
  };
}

/** A transposed convolution has kernels of two pixels, those of the other ways have three. */
function upsampling(state: StateShapes): string {
  const first = shapeOf(state, 'm_up1.0.weight', 4);
  if (first === undefined) return 'upconv';
  return first[2] === 2 ? 'convtranspose' : 'pixelshuffle';
}

/**
 * [N, C, H, W] to [N, filters, H / 2, W / 2]; H and W are even.
 * @param first index of the unit's first layer in `scope`, a sequence of layers.
 */
function downSample(
  { downsample_mode, bias }: DrunetConfig,
  scope: ParameterScope,
  x: Value,
  { first, filters }: { readonly first: number; readonly filters: number },
): Value {
  if (downsample_mode === 'avgpool')
    return convolution(scope.child(`${first + 1}`), averagePool(x), { filters, bias });
  const layer = { filters, bias, kernel: 2, stride: 2, padding: 0 };
  return convolution(scope.child(`${first}`), x, layer);
}

/**
 * [N, C, H, W] to [N, filters, 2 H, 2 W], by the first layers in `scope`, a sequence of
 * `upSampleLayers` and more.
 */
export function upSample(
  { upsample_mode, bias }: DrunetConfig,
  scope: ParameterScope,
  x: Value,
  filters: number,
): Value {
  if (upsample_mode === 'convtranspose')
    return transposedConvolution(scope.child('0'), x, filters, bias);
  if (upsample_mode === 'upconv')
    return convolution(scope.child('1'), resizeNearest(x, 2), { filters, bias });
  return pixelShuffle(convolution(scope.child('0'), x, { filters: 4 * filters, bias }), 2);
}

/** Layers that `upSample` takes in a sequence. */
function upSampleLayers({ upsample_mode }: DrunetConfig): number {
  return upsample_mode === 'convtranspose' ? 1 : 2;
}

/**
 * Pixels that one pixel depends on through both units and a level between them that reaches
 * `below` of its own pixels.
 */
function resizingRadius({ downsample_mode, upsample_mode }: DrunetConfig, below: number): number {
  const coarse =
    below + (downsample_mode === 'avgpool' ? 1 : 0) + (upsample_mode === 'pixelshuffle' ? 1 : 0);
  return 2 * coarse + 1 + (upsample_mode === 'upconv' ? 1 : 0);
}

/**
 * A 2x2 transposed convolution of stride 2 with parameters `weight` [C, filters, 2, 2] and `bias`.
 * No two kernels overlap, so that it is a 1x1 convolution for each of the four positions.
 */
function transposedConvolution(
  scope: ParameterScope,
  x: Value,
  filters: number,
  bias: boolean,
): Value {
  const channels = x.shape[1]!;
  const initial = defaultInitial(4 * filters);
  const weight = scope.parameter('weight', [channels, filters, 2, 2], initial);
  const flat = transpose(reshape(weight, [channels, 4 * filters]), [1, 0]);
  const offset = bias
    ? reshape(
        expand(reshape(scope.parameter('bias', [filters], initial), [filters, 1]), [filters, 4]),
        [4 * filters],
      )
    : undefined;
  return pixelShuffle(conv2d(x, reshape(flat, [4 * filters, channels, 1, 1]), offset), 2);
}

function averagePool(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const squares = reshape(x, [batch, channels, height / 2, 2, width / 2, 2]);
  return reduceMean(squares, [3, 5], false);
}
