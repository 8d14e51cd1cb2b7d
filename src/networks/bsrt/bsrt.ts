import { z } from 'zod';
import {
  add,
  concat,
  type ParameterScope,
  pixelShuffle,
  reshape,
  slice,
  type Value,
} from '../../graph/index.js';
import { ParameterError } from '../../utils/errors.js';
import { toImage, toTokens } from '../attention.js';
import { convolution, crop, layerNormalization, padToMultiple } from '../layers.js';
import {
  type BurstRestorerNetwork,
  countLayers,
  type StateShapes,
  shapeOf,
  simplestRatio,
} from '../network.js';
import {
  blockKey,
  deepFeatures,
  positionsFit,
  readDepths,
  swinBlock,
  type WindowLayout,
  windowLayout,
} from '../swin-transformer.js';
import {
  align,
  alignmentTarget,
  doubled,
  FEATURES,
  opticalFlows,
  type Pyramid,
  rectified,
} from './alignment.js';

const count = z.int().min(1);

/** Features and blocks of the published sizes; the first depth is of the blocks before alignment. */
const LEVELS = {
  S: { embedding: 60, depths: [6, 6, 6, 6, 6] },
  L: { embedding: 180, depths: [6, 8, 8, 8, 8, 8, 8] },
} as const;

/** The reference's options, under its names and with its defaults. */
const reference = z.strictObject({
  model_level: z.enum(['S', 'L']).default('S'),
  burst_size: count.max(64).default(14),
  embed_dim: count.optional(),
  depths: z.array(count).min(2, 'one entry before alignment, and more after').optional(),
  num_heads: z.array(count).min(2).optional(),
  window_size: count.default(8),
  mlp_ratio: z.number().positive().default(2),
});

/** BSRT's configuration in checked form. */
interface BsrtConfig {
  /** Frames of a burst, which the weights are made for; the first is the reference. */
  readonly frames: number;
  readonly embedding: number;
  /** Swin blocks applied to every frame before alignment. */
  readonly frameBlocks: number;
  readonly frameHeads: number;
  /** Swin blocks of each residual group after fusion. */
  readonly depths: readonly number[];
  readonly heads: readonly number[];
  readonly window: number;
  readonly hiddenFeatures: number;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
const bsrtSchema: z.ZodType<BsrtConfig> = reference
  .transform((config) => {
    const level = LEVELS[config.model_level];
    const depths = config.depths ?? [...level.depths];
    return {
      ...config,
      depths,
      embed_dim: config.embed_dim ?? level.embedding,
      num_heads: config.num_heads ?? depths.map(() => 6),
    };
  })
  .superRefine(({ embed_dim, depths, num_heads, window_size, mlp_ratio }, context) => {
    const refuse = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (num_heads.length !== depths.length)
      refuse(['num_heads'], `one entry per entry of depths (${depths.length})`);
    num_heads.forEach((heads, layer) => {
      if (embed_dim % heads !== 0)
        refuse(['num_heads', layer], `a divisor of embed_dim ${embed_dim}`);
    });
    const blocks = depths.reduce((sum, depth) => sum + depth, 0);
    if (!positionsFit(blocks, window_size))
      refuse(['window_size'], `smaller windows for ${blocks} blocks`);
    if (window_size % 2 !== 0) refuse(['window_size'], 'an even number');
    if (Math.floor(embed_dim * mlp_ratio) < 1) refuse(['mlp_ratio'], 'at least one hidden feature');
  })
  .transform((config) => ({
    frames: config.burst_size,
    embedding: config.embed_dim,
    frameBlocks: config.depths[0]!,
    frameHeads: config.num_heads[0]!,
    depths: config.depths.slice(1),
    heads: config.num_heads.slice(1),
    window: config.window_size,
    hiddenFeatures: Math.floor(config.embed_dim * config.mlp_ratio),
  }));

/** Red, two greens and blue of a colour filter array. */
const CHANNELS = 4;
const SCALE = 8;

/**
 * BSRT (Luo et al., "BSRT: Improving Burst Super-Resolution with Swin Transformer and Flow-Guided
 * Deformable Alignment", CVPR Workshops 2022). The input [N, frames, 4, H, W] holds raw frames,
 * packed RGGB, the reference first; the output [N, 3, 8 H, 8 W] is linear RGB. WebGPU leaves the
 * deformable convolutions to the processor, where an engine allows that.
 */
export const bsrt: BurstRestorerNetwork<BsrtConfig> = {
  name: 'bsrt',
  role: 'burst-restorer',
  schema: bsrtSchema,
  build: (config, scope, [burst]) => {
    const [batch, frames, channels, height, width] = burst!.shape as number[] as Burst;
    if (burst!.shape.length !== 5 || frames !== config.frames || channels !== CHANNELS)
      throw new ParameterError(
        'bsrt input',
        `[batch, ${config.frames} frames, ${CHANNELS} channels, height, width]`,
        burst!.shape,
      );
    const flat = reshape(burst!, [batch * frames, channels, height, width]);
    const padded = padToMultiple(flat, config.window);
    const made = restored(config, scope, padded, batch);
    return crop(made, SCALE * height, SCALE * width);
  },
  inputShapes: ({ frames }, { batch, height, width }) => [[batch, frames, CHANNELS, height, width]],
  frames: ({ frames }) => frames,
  scale: () => SCALE,
  sizeRule: ({ window }) => ({ multiple: window, minimum: window }),
  receptiveRadius: () => undefined,
  configure: configureBsrt,
  isBuffer: (key) => /(^|\.)(relative_position_index|attn_mask)$|^spynet\.(mean|std)$/.test(key),
};

type Burst = [batch: number, frames: number, channels: number, height: number, width: number];

/** @param flat the frames of all bursts, [N frames, 4, H, W]. */
function restored(config: BsrtConfig, scope: ParameterScope, flat: Value, batch: number): Value {
  const { frames } = config;
  const first = frameOf(flat, batch, 0);
  const skip = enlargedReference(scope, first);
  const grey = convolution(scope.child('conv_flow'), pixelShuffle(flat, 2), { filters: 3 });
  const [height, width] = flat.shape.slice(2) as [number, number];
  const windows = frameWindows(config, height, width);
  // One frame after another takes half the memory of all at once, and stays in the caches.
  const pyramids = Array.from({ length: frames }, (_, index) =>
    framePyramid(config, scope, frameOf(flat, batch, index), windows),
  );
  const target = alignmentTarget(scope.child('align'), pyramids[0]!);
  const aligned = pyramids.map((pyramid, index) => {
    const flows = opticalFlows(
      scope.child('spynet'),
      frameOf(grey, batch, 0),
      frameOf(grey, batch, index),
    );
    return align(scope.child('align'), pyramid, flows, target);
  });
  const fusion = { filters: config.embedding, kernel: 1 };
  const fused = rectified(convolution(scope.child('fusion'), concat(aligned, 1), fusion));
  return reconstructed(config, scope, fused, skip);
}

/** Frame `index` of every burst of [N frames, C, H, W]. */
function frameOf(flat: Value, batch: number, index: number): Value {
  const frames = flat.shape[0]! / batch;
  if (batch === 1) return slice(flat, 0, index, index + 1);
  const split = reshape(flat, [batch, frames, ...flat.shape.slice(1)]);
  return reshape(slice(split, 1, index, index + 1), [batch, ...flat.shape.slice(1)]);
}

interface EnlargedReference {
  /** [N, 64, 4 H, 4 W]. */
  readonly features: Value;
  /** [N, 3, 8 H, 8 W]. */
  readonly image: Value;
}

/** What the reference frame [N, 4, H, W] gives on the short way. */
function enlargedReference(scope: ParameterScope, frame: Value): EnlargedReference {
  const layer = (name: string, x: Value, filters: number): Value =>
    pixelShuffle(convolution(scope.child(name), x, { filters }), 2);
  const features = rectified(layer('skipup1', pixelShuffle(frame, 2), 4 * FEATURES));
  return { features, image: layer('skipup2', features, 12) };
}

/** Fused features [N, embedding, 2 H, 2 W] as an image [N, 3, 8 H, 8 W]. */
function reconstructed(
  config: BsrtConfig,
  scope: ParameterScope,
  fused: Value,
  skip: EnlargedReference,
): Value {
  const layer = (name: string, x: Value, filters: number): Value =>
    convolution(scope.child(name), x, { filters });
  const groups = {
    ...config,
    shift: config.window / 2,
    embeddingNorm: true,
    positions: undefined,
    queryBias: true,
    queryScale: undefined,
    residualConvolutions: 1,
  } as const;
  const deep = deepFeatures(groups, scope, fused);
  const features = add(rectified(layer('conv_after_body', deep, config.embedding)), fused);
  const twice = rectified(pixelShuffle(layer('upconv1', features, 4 * FEATURES), 2));
  const wide = layer('upconv2', add(skip.features, twice), 4 * FEATURES);
  const fine = rectified(layer('HRconv', rectified(pixelShuffle(wide, 2)), FEATURES));
  return add(skip.image, layer('conv_last', fine, 3));
}

/** Every frame has a separate branch in the graph. */
const MOST_FRAMES = 64;
/** Features of the published BSRT-Small; BSRT-Large has 180. */
const SMALL = 60;

/**
 * BSRT's options from a state dictionary: the number of frames is that of the features which
 * `fusion` joins.
 */
function configureBsrt(state: StateShapes): Record<string, unknown> | undefined {
  const fusion = shapeOf(state, 'fusion.weight', 4);
  const table = shapeOf(state, `pre_layers.0.${TABLE}`, 2);
  const hidden = shapeOf(state, 'pre_layers.0.mlp.fc1.weight', 2)?.[0];
  if (fusion === undefined || table === undefined || hidden === undefined) return undefined;
  const [embedding, joined] = fusion as [number, number];
  const window = (Math.sqrt(table[0]!) + 1) / 2;
  const frames = joined / FEATURES;
  const frameBlocks = countLayers(state, (block) => `pre_layers.${block}.norm1.weight`);
  // Blocks before alignment, then of every residual group.
  const depths = [frameBlocks, ...readDepths(state)];
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  if (!(Number.isInteger(frames) && frames <= MOST_FRAMES)) return undefined;
  if (!Number.isInteger(window) || !positionsFit(blocks, window)) return undefined;
  return {
    model_level: embedding === SMALL ? 'S' : 'L',
    burst_size: frames,
    embed_dim: embedding,
    depths,
    num_heads: [
      table[1],
      ...depths
        .slice(1)
        .map((_, layer) => shapeOf(state, `${blockKey(layer, 0)}.${TABLE}`, 2)?.[1]),
    ],
    window_size: window,
    mlp_ratio: simplestRatio([[embedding, hidden]]),
  };
}

const TABLE = 'attn.relative_position_bias_table';

/** Straight and shifted windows over frames of a size. */
function frameWindows({ window }: BsrtConfig, height: number, width: number): WindowLayout[] {
  return [0, window / 2].map((shift) => windowLayout({ height, width, window, shift }));
}

/**
 * Frames [N, 4, H, W] as features of twice the size and its half and quarter, each [N, 64, .., ..].
 * @param layouts those of `frameWindows`.
 */
function framePyramid(
  config: BsrtConfig,
  scope: ParameterScope,
  frames: Value,
  layouts: readonly WindowLayout[],
): Pyramid {
  const layer = (name: string, x: Value, filters: number, kernel = 3, stride = 1): Value =>
    convolution(scope.child(name), x, { filters, kernel, stride });
  const shallow = rectified(layer('conv_first', frames, config.embedding));
  const deep = attended(config, scope, shallow, layouts);
  const full = pixelShuffle(layer('conv_after_pre_layer', deep, 4 * FEATURES), 2);
  const half = rectified(layer('fea_L2_conv1', full, 2 * FEATURES, 3, 2));
  const quarter = rectified(layer('fea_L3_conv1', half, 4 * FEATURES, 3, 2));

  const top = rectified(layer('toplayer', quarter, FEATURES, 1));
  const middle = add(doubled(top), layer('latlayer1', half, FEATURES, 1));
  const smooth = layer('smooth1', middle, FEATURES);
  const bottom = add(doubled(smooth), layer('latlayer2', full, FEATURES, 1));
  return [layer('smooth2', bottom, FEATURES), smooth, top];
}

/** Swin blocks over each frame alone. */
function attended(
  config: BsrtConfig,
  scope: ParameterScope,
  x: Value,
  layouts: readonly WindowLayout[],
): Value {
  const { frameBlocks, frameHeads, hiddenFeatures } = config;
  const [height, width] = x.shape.slice(2) as [number, number];
  let tokens = layerNormalization(scope.child('patch_embed.norm'), toTokens(x));
  for (let index = 0; index < frameBlocks; index += 1)
    tokens = swinBlock(scope.child(`pre_layers.${index}`), tokens, {
      layout: layouts[index % 2]!,
      heads: frameHeads,
      hiddenFeatures,
      queryBias: true,
      queryScale: undefined,
    });
  return toImage(layerNormalization(scope.child('pre_norm'), tokens), height, width);
}
