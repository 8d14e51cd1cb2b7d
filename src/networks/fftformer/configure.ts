import type { StateShapes } from '../network.js';
import { type HiddenFeatures, simplestRatio } from '../ratio.js';
import { countLayers, shapeOf } from '../state-shapes.js';

const DEFAULT_EXPANSION = 3;

/**
 * FFTformer's constructor arguments from a state dictionary. A network without any block does not
 * tell `ffn_expansion_factor` and `LayerNorm_type`, which are left at 3 and WithBias.
 */
export function configureFftformer(state: StateShapes): Record<string, unknown> | undefined {
  const first = shapeOf(state, 'patch_embed.proj.weight', 4);
  const last = shapeOf(state, 'output.weight', 4);
  if (first === undefined || last === undefined || !state.has('fuse1.conv.weight'))
    return undefined;
  const [features, inputs] = first as [number, number];
  const blocks = (part: string): number =>
    countLayers(state, (block) => `${part}.${block}.norm2.body.weight`);
  const parts = [...[1, 2, 3].map((level) => `decoder_level${level}`), 'refinement'];
  const filled = parts.filter((part) => blocks(part) > 0);
  const expansion = simplestRatio(filled.flatMap((part) => hiddenFeatures(state, `${part}.0.ffn`)));
  return {
    inp_channels: inputs,
    out_channels: last[0],
    dim: features,
    num_blocks: parts.slice(0, 3).map(blocks),
    num_refinement_blocks: blocks('refinement'),
    ffn_expansion_factor: filled.length === 0 ? DEFAULT_EXPANSION : expansion,
    bias: state.has('output.bias'),
    LayerNorm_type: filled.every((part) => state.has(`${part}.0.norm2.body.bias`))
      ? 'WithBias'
      : 'BiasFree',
  };
}

function hiddenFeatures(state: StateShapes, unit: string): HiddenFeatures[] {
  const out = shapeOf(state, `${unit}.project_out.weight`, 4);
  return out === undefined ? [] : [[out[0]!, out[1]!]];
}
