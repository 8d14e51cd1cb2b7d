import { onnxLimits } from './limits.js';
import type { GraphPart, TensorPart } from './parts.js';
import type { Source } from './wire.js';

/** Operators that make a tensor of any size out of a shape, with the place of that input. */
const fillers = new Map([
  ['ConstantOfShape', 0],
  ['Expand', 1],
]);

/** Operators that enlarge a tensor by factors, with the places where these may be. */
const enlargers = new Map([
  ['Resize', [2, 1]],
  ['Upsample', [1]],
]);

/**
 * Refuses graphs that fill more memory than they have bytes: an engine does so before the first run, or
 * in it.
 * @throws ModelError that names the operator and its shape.
 */
export function checkFilled(
  graph: GraphPart,
  source: Source,
  outer: ReadonlyMap<string, TensorPart> = new Map(),
): void {
  const known = new Map(outer);
  for (const part of graph.initializers) known.set(part.name, part);
  for (const { operator, outputs, tensors } of graph.nodes)
    if (operator === 'Constant' && tensors[0] !== undefined && outputs[0] !== undefined)
      known.set(outputs[0], tensors[0]);
  for (const { operator, inputs, graphs } of graph.nodes) {
    const at = (place: number): TensorPart | undefined => known.get(inputs[place] ?? '');
    for (const place of enlargers.get(operator) ?? []) {
      const scales = at(place)?.floats ?? [];
      const times = scales.reduce((product, scale) => product * Math.max(1, scale), 1);
      if (times > onnxLimits.enlarged)
        source.fail(
          `${operator} enlarges by [${scales.join(', ')}], more than ${onnxLimits.enlarged} times`,
        );
    }
    const shape = at(fillers.get(operator) ?? -1)?.ints;
    const size = shape?.reduce((product, extent) => product * Math.abs(extent), 1) ?? 0;
    if (size > onnxLimits.filled)
      source.fail(
        `${operator} makes a tensor of [${shape!.join(', ')}], more than ${onnxLimits.filled} elements`,
      );
    for (const inner of graphs) checkFilled(inner, source, known);
  }
}
