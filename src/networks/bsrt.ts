import { type ParameterScope, type Value, add, concat, pixelShuffle, reshape, slice } from '../graph/index.js';
import { ParameterError } from '../tensor/errors.js';
import { FEATURES, align, alignmentTarget, rectified } from './bsrt/alignment.js';
import { type BsrtConfig, bsrtSchema } from './bsrt/configuration.js';
import { configureBsrt } from './bsrt/configure.js';
import { framePyramid, frameWindows } from './bsrt/features.js';
import { opticalFlows } from './bsrt/flow-network.js';
import { convolution } from './layers.js';
import type { Network } from './network.js';
import { crop, padToMultiple } from './padding.js';
import { deepFeatures } from './swinir/deep-features.js';

/** Red, two greens and blue of a colour filter array. */
const CHANNELS = 4;
const SCALE = 8;

/**
 * BSRT (Luo et al., "BSRT: Improving Burst Super-Resolution with Swin Transformer and Flow-Guided
 * Deformable Alignment", CVPR Workshops 2022). The input [N, frames, 4, H, W] holds raw frames,
 * packed RGGB, the reference first; the output [N, 3, 8 H, 8 W] is linear RGB. WebGPU leaves the
 * deformable convolutions to the processor, where an engine allows that.
 */
export const bsrt: Network<BsrtConfig> = {
  name: 'bsrt',
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
  readonly picture: Value;
}

/** What the reference frame [N, 4, H, W] gives on the short way. */
function enlargedReference(scope: ParameterScope, frame: Value): EnlargedReference {
  const layer = (name: string, x: Value, filters: number): Value =>
    pixelShuffle(convolution(scope.child(name), x, { filters }), 2);
  const features = rectified(layer('skipup1', pixelShuffle(frame, 2), 4 * FEATURES));
  return { features, picture: layer('skipup2', features, 12) };
}

/** Fused features [N, embedding, 2 H, 2 W] as a picture [N, 3, 8 H, 8 W]. */
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
  return add(skip.picture, layer('conv_last', fine, 3));
}
