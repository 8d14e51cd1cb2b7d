import { isConstant, isParameter } from '../leaves.js';
import { type ConvolutionGeometry, conv2d } from '../operators/convolutions.js';
import { add, mul } from '../operators/elementwise.js';
import { slice } from '../operators/layout.js';
import { rewriteGraph, topologicalOrder, type Value } from '../value.js';

/** Channels that ONNX Runtime keeps together in memory on a CPU. */
const BLOCK = 16;

/**
 * The same outputs with every convolution over joined features written as a sum of one per part,
 * where its kernels are known and the joined features serve nothing else.
 *
 * ONNX Runtime adds one convolution's result into the next without another pass over memory, but
 * joins features by copying them: a dense block is a sixth faster so. With kernels that are inputs
 * of the graph, as in training, the sum is slower and the graph stays as it is.
 * @param weights tells by name whose values are known.
 */
export function splitConvolutions<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
  weights: { has(name: string): boolean },
): Record<keyof Outputs, Value> {
  const values = Object.values(outputs);
  const joined = splittable(topologicalOrder(values), values, weights);
  const termsOf = new Map<Value, readonly Value[]>();
  return rewriteGraph(outputs, (node, now) => {
    const terms =
      node.operator.name === 'conv2d' && joined.has(node.inputs[0]!)
        ? convolutionTerms(node as Value<ConvolutionGeometry>, now)
        : scaledTerms(node, termsOf, now);
    if (terms === undefined) return undefined;
    const total = terms.reduce((sum, term) => add(sum, term));
    termsOf.set(total, terms);
    return total;
  });
}

/** The joins that only such convolutions, and joins of this kind, read. */
function splittable(
  order: readonly Value[],
  outputs: readonly Value[],
  weights: { has(name: string): boolean },
): Set<Value> {
  const fit = new Set(order.filter(joinsBlocks));
  for (const value of outputs) fit.delete(value);
  // Readers come after what they read: from the end, what is known of them is final.
  for (const node of [...order].reverse())
    node.inputs.forEach((value, place) => {
      const kernels = node.inputs[1];
      const convolved =
        node.operator.name === 'conv2d' &&
        place === 0 &&
        (node.attributes as ConvolutionGeometry).groups === 1 &&
        isParameter(kernels!) &&
        weights.has(kernels.attributes.name);
      if (!convolved && !fit.has(node)) fit.delete(value);
    });
  return fit;
}

function joinsBlocks({ operator, attributes, inputs }: Value): boolean {
  return (
    operator.name === 'concat' &&
    inputs[0]!.shape.length === 4 &&
    (attributes as { readonly axis: number }).axis === 1 &&
    inputs.every(({ shape }) => shape[1]! % BLOCK === 0)
  );
}

/** One convolution per part; the first one has the bias. */
function convolutionTerms(
  { inputs: [x, weight, bias], attributes }: Value<ConvolutionGeometry>,
  now: (value: Value) => Value,
): Value[] {
  let start = 0;
  return partsOf(x!).map((part, index) => {
    const end = start + part.shape[1]!;
    const kernels = slice(weight!, 1, start, end);
    start = end;
    return conv2d(now(part), kernels, index === 0 ? bias : undefined, attributes);
  });
}

function partsOf(x: Value): Value[] {
  return joinsBlocks(x) ? x.inputs.flatMap(partsOf) : [x];
}

/** A sum times a constant, term by term: ONNX Runtime puts the constant into the kernels. */
function scaledTerms(
  { operator, inputs }: Value,
  termsOf: ReadonlyMap<Value, readonly Value[]>,
  now: (value: Value) => Value,
): Value[] | undefined {
  if (operator.name !== 'mul') return undefined;
  const [a, b] = inputs.map(now) as [Value, Value];
  for (const [factor, sum] of [
    [a, b],
    [b, a],
  ] as const) {
    const terms = termsOf.get(sum);
    if (terms !== undefined && isConstant(factor) && factor.shape.length === 0)
      return terms.map((term) => mul(term, factor));
  }
  return undefined;
}
