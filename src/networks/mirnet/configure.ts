import type { StateShapes } from '../network.js';
import { countLayers, shapeOf } from '../state-shapes.js';

const DEFAULT_COLUMNS = 2;

/**
 * MIRNet's constructor arguments from a state dictionary. The columns of a block are one unit under
 * several names; a checkpoint that stores each parameter once does not tell their number, which is
 * then left at 2.
 */
export function configureMirnet(state: StateShapes): Record<string, unknown> | undefined {
  const first = shapeOf(state, 'conv_in.weight', 4);
  const last = shapeOf(state, 'conv_out.weight', 4);
  const unit = (group: number, block: number, scale: number, column: number): string =>
    `body.${group}.body.${block}.blocks.${scale}.${column}.body.0.weight`;
  const inner = shapeOf(state, unit(0, 0, 0, 0), 4);
  if (first === undefined || last === undefined || inner === undefined) return undefined;
  const [features, inputs, kernel] = first as [number, number, number];
  const columns = countLayers(state, (column) => unit(0, 0, 0, column));
  if (inner[0] !== features || inner[1] !== features) return undefined;
  // The rectifier of the second scale's unit is a further name of the first's.
  const repeated = state.has('body.0.body.0.blocks.1.0.body.1.weight');
  return {
    in_channels: inputs,
    out_channels: last[0],
    n_feat: features,
    kernel_size: kernel,
    stride: 2,
    n_RRG: countLayers(state, (group) => unit(group, 0, 0, 0)),
    n_MSRB: countLayers(state, (block) => unit(0, block, 0, 0)),
    height: countLayers(state, (scale) => unit(0, 0, scale, 0)),
    width: columns === 1 && !repeated ? DEFAULT_COLUMNS : columns,
    bias: state.has('conv_in.bias'),
  };
}
