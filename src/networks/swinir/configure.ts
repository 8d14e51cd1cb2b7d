import type { StateShapes } from '../network.js';
import { simplestRatio } from '../ratio.js';
import { countLayers, shapeOf } from '../state-shapes.js';

/** Features before an enlargement; each doubling has four times as many. */
const FEATURES = 64;
const DEFAULT_SIZE = 64;
/** The published networks against JPEG artefacts, and no others, have such windows. */
const JPEG_WINDOW = 7;

/**
 * SwinIR's constructor arguments from a state dictionary. `img_size` is that of the attention
 * masks, a multiple of the window. Shapes do not tell `img_range`, which is 255 for the published
 * networks against JPEG artefacts and else 1; nor `qk_scale`, left at its default; nor, for a
 * network trained on pictures of one window, the larger `window_size` that was asked for.
 */
export function configureSwinir(state: StateShapes): Record<string, unknown> | undefined {
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

function blockKey(layer: number, block: number): string {
  return `layers.${layer}.residual_group.blocks.${block}`;
}

function tableKey(layer: number): string {
  return `${blockKey(layer, 0)}.attn.relative_position_bias_table`;
}

function readDepths(state: StateShapes): number[] {
  const norm = (layer: number, block: number): string => `${blockKey(layer, block)}.norm1.weight`;
  const layers = countLayers(state, (layer) => norm(layer, 0));
  return Array.from({ length: layers }, (_, layer) =>
    countLayers(state, (block) => norm(layer, block)),
  );
}

/**
 * Side of the pictures of the training, from the position embedding or from the masks of shifted
 * windows, one per window. Where a checkpoint has buffers, but no masks, windows were not shifted:
 * its pictures were one window.
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

/** How the picture is made of the features, and how many times as large. */
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
