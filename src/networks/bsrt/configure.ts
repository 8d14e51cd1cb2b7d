import type { StateShapes } from '../network.js';
import { simplestRatio } from '../ratio.js';
import { countLayers, shapeOf } from '../state-shapes.js';
import { FEATURES } from './alignment.js';

/** Entries of all tables of relative positions together, which are built with the graph. */
const MOST_POSITIONS = 2 ** 23;
/** Every frame has a branch of its own in the graph. */
const MOST_FRAMES = 64;
/** Features of the published BSRT-Small; BSRT-Large has 180. */
const SMALL = 60;

/**
 * BSRT's options from a state dictionary: the number of frames is that of the features which
 * `fusion` joins.
 */
export function configureBsrt(state: StateShapes): Record<string, unknown> | undefined {
  const fusion = shapeOf(state, 'fusion.weight', 4);
  const table = shapeOf(state, `pre_layers.0.${TABLE}`, 2);
  const hidden = shapeOf(state, 'pre_layers.0.mlp.fc1.weight', 2)?.[0];
  if (fusion === undefined || table === undefined || hidden === undefined) return undefined;
  const [embedding, joined] = fusion as [number, number];
  const window = (Math.sqrt(table[0]!) + 1) / 2;
  const frames = joined / FEATURES;
  const depths = readDepths(state);
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  if (!(Number.isInteger(frames) && frames <= MOST_FRAMES)) return undefined;
  if (!Number.isInteger(window) || blocks * window ** 4 > MOST_POSITIONS) return undefined;
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

function blockKey(layer: number, block: number): string {
  return `layers.${layer}.residual_group.blocks.${block}`;
}

/** Blocks before alignment, then of every residual group. */
function readDepths(state: StateShapes): number[] {
  const norm = (layer: number, block: number): string => `${blockKey(layer, block)}.norm1.weight`;
  const layers = countLayers(state, (layer) => norm(layer, 0));
  return [
    countLayers(state, (block) => `pre_layers.${block}.norm1.weight`),
    ...Array.from({ length: layers }, (_, layer) =>
      countLayers(state, (block) => norm(layer, block)),
    ),
  ];
}
