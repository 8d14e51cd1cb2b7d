import { ParameterError } from '../../tensor/errors.js';
import { isInput, isParameter, scalar } from '../leaves.js';
import { add, mul, slice } from '../operators/index.js';
import { rewriteGraph } from '../rewrite-graph.js';
import { topologicalOrder, type Value } from '../value.js';

/**
 * The mean of what a loss is of equal parts of a batch, one part after the other: for a loss that is
 * a mean over samples that of the whole batch, while no result is larger than one of a part.
 * @param part the loss of one part. What depends on parameters alone is the same for all of them.
 * @param whole the loss of the batch, which has the parameters and inputs of a part by name; these of
 * one shape where the parts share them, or as many times as long along the first axis as there are
 * parts.
 * @throws ParameterError where the inputs are not so.
 */
export function meanOverParts(part: Value, whole: Value): Value {
  const known = new Map(topologicalOrder([whole]).map((value) => [nameOf(value), value]));
  const leaves = topologicalOrder([part])
    .filter((value) => nameOf(value) !== undefined)
    .map((leaf) => ({ leaf, all: known.get(nameOf(leaf)) }));
  const counts = leaves.map(({ leaf, all }) => partsIn(all, leaf)).filter((count) => count > 1);
  const [count = 1] = counts;
  if (counts.some((other) => other !== count))
    throw new ParameterError('meanOverParts', 'inputs of one number of parts', counts);
  const losses = Array.from({ length: count }, (_, index) => {
    const placed = leaves.map(({ leaf, all }) => [leaf, partOf(all!, leaf.shape, index)] as const);
    const parts = new Map(placed);
    return rewriteGraph({ part }, (node) => parts.get(node)).part;
  });
  const sum = losses.reduce((total, loss) => add(total, loss));
  return count === 1 ? sum : mul(sum, scalar(1 / count));
}

function nameOf(value: Value): string | undefined {
  if (isInput(value)) return `input ${value.attributes.name}`;
  return isParameter(value) ? `parameter ${value.attributes.name}` : undefined;
}

function partsIn(whole: Value | undefined, { shape, dataType }: Value): number {
  const [all = 1, ...rest] = whole?.shape ?? [];
  const [some = 1, ...same] = shape;
  const fits = rest.join() === same.join() && all % some === 0 && whole?.dataType === dataType;
  if (!fits)
    throw new ParameterError('meanOverParts', `inputs made of parts [${shape}]`, whole?.shape);
  return all / some;
}

function partOf(whole: Value, shape: readonly number[], index: number): Value {
  const [size = 1] = shape;
  return whole.shape.join() === shape.join()
    ? whole
    : slice(whole, 0, index * size, (index + 1) * size);
}
