import { onnxLimits } from './limits.js';
import type { GraphPart } from './parts.js';
import type { Source } from './wire.js';

/** Operators that make a tensor of any size out of a shape, with the place of that input. */
const fillers = new Map([
  ['ConstantOfShape', 0],
  ['Expand', 1],
]);

/**
 * Refuses graphs that fill more memory than they have bytes: an engine does so before the first run.
 * @throws ModelError that names the operator and its shape.
 */
export function checkFilled(
  graph: GraphPart,
  source: Source,
  outer: ReadonlyMap<string, readonly number[]> = new Map(),
): void {
  const known = new Map(outer);
  for (const { name, ints } of graph.initializers) if (ints !== undefined) known.set(name, ints);
  for (const { operator, outputs, tensors } of graph.nodes) {
    const ints = operator === 'Constant' ? tensors[0]?.ints : undefined;
    if (ints !== undefined && outputs[0] !== undefined) known.set(outputs[0], ints);
  }
  for (const { operator, inputs, graphs } of graph.nodes) {
    const shape = known.get(inputs[fillers.get(operator) ?? -1] ?? '');
    const size = shape?.reduce((product, extent) => product * Math.abs(extent), 1) ?? 0;
    if (size > onnxLimits.filled)
      source.fail(
        `${operator} makes a tensor of [${shape!.join(', ')}], more than ${onnxLimits.filled} elements`,
      );
    for (const inner of graphs) checkFilled(inner, source, known);
  }
}
