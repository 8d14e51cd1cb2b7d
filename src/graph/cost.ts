import { sizeOf } from '../tensor/tensor.js';
import { isConstant, isInput, isParameter } from './leaves.js';
import { topologicalOrder, type Value } from './value.js';

/** What a graph holds and does. */
export interface Cost {
  /** Trainable scalars; a shared parameter counts once. */
  readonly parameters: number;
  /**
   * Multiply-adds of convolutions and matrix products, one multiply-add counting once,
   * transposed convolutions by their input; elementwise work is not counted.
   */
  readonly macs: number;
}

/** Parameters and multiply-adds of everything that `outputs` depend on. */
export function cost(outputs: readonly Value[]): Cost {
  let parameters = 0;
  let macs = 0;
  for (const node of topologicalOrder(outputs)) {
    if (isParameter(node)) parameters += sizeOf(node.shape);
    macs += node.operator.macs?.(node) ?? 0;
  }
  return { parameters, macs };
}

/** One operator of a graph. */
export interface LayerCost {
  readonly operator: string;
  /** Where its parameters lie, such as `body.0.conv1`; empty where it has none. */
  readonly path: string;
  /** Of its result. */
  readonly shape: readonly number[];
  /** As `cost` counts them. */
  readonly macs: number;
  /** Trainable scalars that no operator before it has. */
  readonly parameters: number;
}

/**
 * The operators of a graph in the order of evaluation; their work and parameters add up to `cost`.
 * What only arranges parameters, such as a transposed kernel, counts with its first reader.
 */
export function layerCosts(outputs: readonly Value[]): LayerCost[] {
  const arranged = new Map<Value, readonly Value[]>();
  const counted = new Set<Value>();
  const kept = new Set(outputs);
  const layers: LayerCost[] = [];
  for (const node of topologicalOrder(outputs)) {
    if (isInput(node)) continue;
    if (isParameter(node) || isConstant(node)) {
      arranged.set(node, isParameter(node) ? [node] : []);
      continue;
    }
    const own = [...new Set(node.inputs.flatMap((value) => arranged.get(value) ?? []))];
    const macs = node.operator.macs?.(node) ?? 0;
    const isArrangement = node.inputs.every((value) => arranged.has(value));
    if (isArrangement) arranged.set(node, own);
    if (isArrangement && macs === 0 && !kept.has(node)) continue;
    const fresh = own.filter((value) => !counted.has(value));
    for (const value of fresh) counted.add(value);
    layers.push({
      operator: node.operator.name,
      path: commonPath(own.filter(isParameter).map(({ attributes }) => attributes.name)),
      shape: node.shape,
      macs,
      parameters: fresh.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    });
  }
  return layers;
}

/** What dotted names begin with together; of a single one, all but its last part. */
function commonPath(names: readonly string[]): string {
  const [first, ...others] = names.map((name) => name.split('.'));
  if (first === undefined) return '';
  if (first.length === 1 && others.length === 0) return first[0]!;
  let length = first.length - 1;
  for (const other of others)
    while (length > 0 && first.slice(0, length).join() !== other.slice(0, length).join())
      length -= 1;
  return first.slice(0, length).join('.');
}
