import type { StateShapes } from '../network.js';
import { countLayers, shapeOf } from '../state-shapes.js';
import { forms } from './older-names.js';

/**
 * RRDB's constructor arguments from a state dictionary in current or older names. An input of 4 or
 * 16 times the channels of the output is a folded picture, of scale 2 or 1.
 */
export function configureRrdb(state: StateShapes): Record<string, unknown> | undefined {
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
