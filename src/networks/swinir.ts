import { z } from 'zod';
import {
  add,
  leakyRelu,
  mul,
  type ParameterScope,
  pixelShuffle,
  resizeNearest,
  scalar,
  sub,
  type Value,
} from '../graph/index.js';
import { ParameterError } from '../utils/errors.js';
import { convolution, crop, padToMultiple, perChannel } from './layers.js';
import {
  countLayers,
  type RestorerNetwork,
  type StateShapes,
  shapeOf,
  simplestRatio,
} from './network.js';
import {
  blockKey,
  deepFeatures,
  positionsFit,
  readDepths,
  residualConvolution,
} from './swin-transformer.js';

const side = z.int().min(1);

/** Pixels that a network may have an embedding for, which is the one size that it takes. */
const MOST_EMBEDDED = 2 ** 17;

/** The reference's constructor arguments, under its names and with its defaults. */
const reference = z.strictObject({
  img_size: z.union([side, z.tuple([side, side])]).default(64),
  patch_size: z.union([side, z.tuple([side, side])]).default(1),
  in_chans: side.default(3),
  embed_dim: side.default(96),
  depths: z.array(side).min(1).default([6, 6, 6, 6]),
  num_heads: z.array(side).min(1).default([6, 6, 6, 6]),
  window_size: side.default(7),
  mlp_ratio: z.number().positive().default(4),
  qkv_bias: z.boolean().default(true),
  qk_scale: z.number().nullish(),
  ape: z.boolean().default(false),
  patch_norm: z.boolean().default(true),
  upscale: z.int().min(1).max(16).optional(),
  img_range: z.number().positive().default(1),
  upsampler: z
    .enum(['', 'pixelshuffle', 'pixelshuffledirect', 'nearest+conv'])
    .nullish()
    .transform((name) => name ?? ''),
  resi_connection: z.enum(['1conv', '3conv']).default('1conv'),
  /** These touch training alone. */
  drop_rate: z.number().min(0).max(1).optional(),
  attn_drop_rate: z.number().min(0).max(1).optional(),
  drop_path_rate: z.number().min(0).max(1).optional(),
  use_checkpoint: z.boolean().optional(),
});

type Reference = z.output<typeof reference>;

/** SwinIR's configuration in checked form. */
export interface SwinirConfig {
  /** Channels of the input and the output; 3 are RGB and have the mean of DIV2K taken off. */
  readonly channels: number;
  readonly embedding: number;
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  /** Side that images are padded to a multiple of. */
  readonly padding: number;
  /** Side of the attention windows: `padding`, or the trained size where that is smaller. */
  readonly window: number;
  /** Cyclic shift of every second block's windows, in pixels. */
  readonly shift: number;
  readonly hiddenFeatures: number;
  readonly queryBias: boolean;
  /** Factor on query-key products; undefined for 1 / sqrt(features per head). */
  readonly queryScale: number | undefined;
  /** Number of tokens of the learned position embedding; undefined where there is none. */
  readonly positions: number | undefined;
  readonly embeddingNorm: boolean;
  readonly scale: number;
  /** The image's [0, 1] is multiplied by this inside. */
  readonly range: number;
  readonly upsampler: Reference['upsampler'];
  readonly residualConvolutions: 1 | 3;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
const swinirSchema: z.ZodType<SwinirConfig> = reference
  .superRefine((config, context) => {
    const refuse = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (config.num_heads.length !== config.depths.length)
      refuse(['num_heads'], `one entry per entry of depths (${config.depths.length})`);
    config.num_heads.forEach((heads, layer) => {
      if (config.embed_dim % heads !== 0)
        refuse(['num_heads', layer], `a divisor of embed_dim ${config.embed_dim}`);
    });
    if (config.resi_connection === '3conv' && config.embed_dim < 4)
      refuse(['embed_dim'], 'at least 4 with resi_connection 3conv');
    if (Math.floor(config.embed_dim * config.mlp_ratio) < 1)
      refuse(['mlp_ratio'], 'at least one hidden feature');
    if (Math.min(...patches(config)) < 1) refuse(['patch_size'], 'at most img_size');
    const [rows, columns] = patches(config);
    if (config.ape && rows * columns > MOST_EMBEDDED)
      refuse(['img_size'], `at most ${MOST_EMBEDDED} pixels with ape`);
    const scales = scalesOf[config.upsampler];
    if (config.upscale !== undefined && scales !== undefined && !scales.includes(config.upscale))
      refuse(
        ['upscale'],
        `${scales.join(' or ')} with upsampler ${JSON.stringify(config.upsampler)}`,
      );
    const { window } = windows(config);
    const blocks = config.depths.reduce((sum, depth) => sum + depth, 0);
    if (!positionsFit(blocks, window) || !positionsFit(1, config.window_size))
      refuse(['window_size'], `smaller windows for ${blocks} blocks`);
    if (config.window_size % window !== 0)
      refuse(['img_size'], `more than window_size, or a divisor of it`);
  })
  .transform((config) => ({
    channels: config.in_chans,
    embedding: config.embed_dim,
    depths: config.depths,
    heads: config.num_heads,
    padding: config.window_size,
    ...windows(config),
    hiddenFeatures: Math.floor(config.embed_dim * config.mlp_ratio),
    queryBias: config.qkv_bias,
    queryScale: config.qk_scale || undefined,
    positions: config.ape ? patches(config)[0] * patches(config)[1] : undefined,
    embeddingNorm: config.patch_norm,
    scale: config.upscale ?? (config.upsampler === '' ? 1 : 2),
    range: config.img_range,
    upsampler: config.upsampler,
    residualConvolutions: config.resi_connection === '3conv' ? 3 : 1,
  }));

const scalesOf: Record<Reference['upsampler'], readonly number[] | undefined> = {
  '': [1],
  pixelshuffle: [1, 2, 3, 4, 8, 16],
  pixelshuffledirect: undefined,
  'nearest+conv': [2, 4],
};

type Sizes = Pick<Reference, 'img_size' | 'patch_size' | 'window_size'>;

function patches({ img_size, patch_size }: Sizes): [number, number] {
  const [height, width] = typeof img_size === 'number' ? [img_size, img_size] : img_size;
  const [rows, columns] = typeof patch_size === 'number' ? [patch_size, patch_size] : patch_size;
  return [Math.floor(height / rows), Math.floor(width / columns)];
}

/** Windows that would not fit the trained size shrink to it and are never shifted. */
function windows(config: Sizes): { window: number; shift: number } {
  const smallest = Math.min(...patches(config));
  return smallest <= config.window_size
    ? { window: smallest, shift: 0 }
    : { window: config.window_size, shift: Math.floor(config.window_size / 2) };
}

/** Mean of DIV2K's RGB in [0, 1]. */
const RGB_MEAN = [0.4488, 0.4371, 0.404];

/**
 * SwinIR (Liang et al., "SwinIR: Image Restoration Using Swin Transformer", 2021). The input is
 * an image [N, channels, H, W] in [0, 1]; the output is `scale` times as large.
 */
export const swinir: RestorerNetwork<SwinirConfig> = {
  name: 'swinir',
  role: 'restorer',
  schema: swinirSchema,
  build: (config, scope, [image]) => {
    const [, channels, height, width] = image!.shape as [number, number, number, number];
    if (channels !== config.channels)
      throw new ParameterError('swinir input', `${config.channels} channels`, channels);
    const mean = config.channels === 3 ? perChannel(RGB_MEAN) : undefined;
    const range = config.range === 1 ? undefined : scalar(config.range);
    const padded = padToMultiple(image!, config.padding);
    const centred = mean === undefined ? padded : sub(padded, mean);
    const x = range === undefined ? centred : mul(centred, range);
    const shallow = convolution(scope.child('conv_first'), x, { filters: config.embedding });
    const deep = deepFeatures(config, scope, shallow);
    const features = add(
      residualConvolution(config, scope.child('conv_after_body'), deep),
      shallow,
    );
    const made = reconstruct(config, scope, features);
    const whole = config.upsampler === '' ? add(x, made) : made;
    const small = range === undefined ? whole : mul(whole, scalar(1 / config.range));
    const result = mean === undefined ? small : add(small, mean);
    return crop(result, height * config.scale, width * config.scale);
  },
  inputShapes: ({ channels }, { batch, height, width }) => [[batch, channels, height, width]],
  scale: ({ scale }) => scale,
  // A position embedding fits the size of its training alone, which is square.
  sizeRule: ({ padding, positions = padding ** 2 }) => ({
    multiple: padding,
    minimum: Math.round(Math.sqrt(positions)),
  }),
  receptiveRadius: () => undefined,
  isBuffer: (key) => /(^|\.)(attn_mask|relative_position_index|mean)$/.test(key),
  configure: configureSwinir,
};

/** Features before an enlargement; each doubling has four times as many. */
const FEATURES = 64;
const DEFAULT_SIZE = 64;
/** The published networks against JPEG artefacts, and no others, have such windows. */
const JPEG_WINDOW = 7;

/**
 * SwinIR's constructor arguments from a state dictionary. `img_size` is that of the attention
 * masks, a multiple of the window. Shapes do not determine `img_range`, which is 255 for the published
 * networks against JPEG artefacts and else 1; nor `qk_scale`, left at its default; nor, for a
 * network trained on images of one window, the larger `window_size` that was asked for.
 */
function configureSwinir(state: StateShapes): Record<string, unknown> | undefined {
  const first = shapeOf(state, 'conv_first.weight', 4);
  const table = shapeOf(state, tableKey(0), 2);
  const hidden = shapeOf(state, `${blockKey(0, 0)}.mlp.fc1.weight`, 2)?.[0];
  if (first === undefined || table === undefined || hidden === undefined) return undefined;
  const [embedding, channels] = first as [number, number];
  const window = (Math.sqrt(table[0]!) + 1) / 2;
  const depths = readDepths(state);
  const reconstruction = upsampling(state, channels);
  return {
    in_chans: channels,
    embed_dim: embedding,
    depths,
    num_heads: depths.map((_, layer) => shapeOf(state, tableKey(layer), 2)?.[1]),
    window_size: window,
    img_size: trainedSize(state, window, depths),
    mlp_ratio: simplestRatio([[embedding, hidden]]),
    qkv_bias: state.has(`${blockKey(0, 0)}.attn.qkv.bias`),
    ape: state.has('absolute_pos_embed'),
    patch_norm: state.has('patch_embed.norm.weight'),
    ...reconstruction,
    img_range: window === JPEG_WINDOW && reconstruction.upsampler === '' ? 255 : 1,
    resi_connection: state.has('conv_after_body.0.weight') ? '3conv' : '1conv',
  };
}

function tableKey(layer: number): string {
  return `${blockKey(layer, 0)}.attn.relative_position_bias_table`;
}

/**
 * Side of the images of the training, from the position embedding or from the masks of shifted
 * windows, one per window. Where a checkpoint has buffers, but no masks, windows were not shifted:
 * its images were one window.
 */
function trainedSize(state: StateShapes, window: number, depths: readonly number[]): number {
  const positions = shapeOf(state, 'absolute_pos_embed', 3)?.[1];
  if (positions !== undefined) return Math.sqrt(positions);
  const shifted = depths.findIndex((depth) => depth > 1);
  const usual = Math.max(DEFAULT_SIZE, 2 * window);
  if (shifted < 0) return usual;
  const masks = shapeOf(state, `${blockKey(shifted, 1)}.attn_mask`, 3)?.[0];
  if (masks !== undefined) return window * Math.sqrt(masks);
  const hasBuffers = state.has(`${blockKey(0, 0)}.attn.relative_position_index`);
  return hasBuffers ? window : usual;
}

/** How the image is made of the features, and how many times as large. */
function upsampling(state: StateShapes, channels: number): { upsampler: string; upscale: number } {
  const direct = shapeOf(state, 'upsample.0.weight', 4)?.[0];
  if (!state.has('conv_before_upsample.0.weight'))
    return direct === undefined
      ? { upsampler: '', upscale: 1 }
      : { upsampler: 'pixelshuffledirect', upscale: Math.sqrt(direct / channels) };
  if (state.has('conv_up1.weight'))
    return { upsampler: 'nearest+conv', upscale: state.has('conv_up2.weight') ? 4 : 2 };
  const doublings = countLayers(state, (step) => `upsample.${2 * step}.weight`);
  return { upsampler: 'pixelshuffle', upscale: direct === 9 * FEATURES ? 3 : 2 ** doublings };
}

/** The reference leaves the first rectifier's slope at PyTorch's default. */
const FIRST_SLOPE = 0.01;
const SLOPE = 0.2;

/** Features [N, embedding, H, W] to the image [N, channels, H scale, W scale]. */
function reconstruct(config: SwinirConfig, scope: ParameterScope, x: Value): Value {
  const { channels: filters, scale } = config;
  if (config.upsampler === '') return convolution(scope.child('conv_last'), x, { filters });
  if (config.upsampler === 'pixelshuffledirect') {
    const folded = convolution(scope.child('upsample.0'), x, { filters: filters * scale ** 2 });
    return pixelShuffle(folded, scale);
  }
  const before = convolution(scope.child('conv_before_upsample.0'), x, { filters: FEATURES });
  const features = leakyRelu(before, FIRST_SLOPE);
  const large =
    config.upsampler === 'pixelshuffle'
      ? shuffledUp(scope.child('upsample'), features, scale)
      : nearestUp(scope, features, scale);
  return convolution(scope.child('conv_last'), large, { filters });
}

function shuffledUp(scope: ParameterScope, features: Value, scale: number): Value {
  const factors = scale === 3 ? [3] : new Array<number>(Math.log2(scale)).fill(2);
  return factors.reduce((x, factor, step) => {
    const filters = FEATURES * factor ** 2;
    return pixelShuffle(convolution(scope.child(`${2 * step}`), x, { filters }), factor);
  }, features);
}

function nearestUp(scope: ParameterScope, features: Value, scale: number): Value {
  const smooth = (name: string, x: Value): Value =>
    leakyRelu(convolution(scope.child(name), x, { filters: FEATURES }), SLOPE);
  let x = smooth('conv_up1', resizeNearest(features, 2));
  if (scale === 4) x = smooth('conv_up2', resizeNearest(x, 2));
  return smooth('conv_hr', x);
}
