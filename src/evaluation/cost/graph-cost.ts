import {
  type Cost,
  cost,
  graphMemory,
  type LayerCost,
  layerCosts,
  splitConvolutions,
  type Value,
} from '../../graph/index.js';

/** How every figure of cost is counted, to be printed beside it. */
export const COST_RULE =
  'MAC: multiply-adds of convolutions and matrix products, one multiply-add counting once, ' +
  'transposed convolutions by their input; elementwise work is not counted. FLOP: two for each MAC. ' +
  'Memory: float32 results of operators that live at the same time as they run one after the ' +
  'other, without weights and inputs';

/** What one evaluation of a graph takes. */
export interface GraphCost extends Cost {
  /** Most bytes that results of operators take at once. */
  readonly activationBytes: number;
}

/** Counts a graph as it runs once its weights are known; it needs none of them. */
export function graphCost(output: Value): GraphCost {
  const everything = { has: () => true };
  const { output: lowered } = splitConvolutions({ output }, everything);
  return { ...cost([output]), activationBytes: graphMemory([lowered], everything).peak };
}

/** An operator with its part in the work of the whole. */
export interface LayerShare extends LayerCost {
  /** Of the multiply-adds, in [0, 1]. */
  readonly share: number;
}

/** The operators of a graph in the order of evaluation. */
export function layerShares(output: Value): LayerShare[] {
  const layers = layerCosts([output]);
  const total = layers.reduce((sum, { macs }) => sum + macs, 0);
  return layers.map((layer) => ({ ...layer, share: total === 0 ? 0 : layer.macs / total }));
}
