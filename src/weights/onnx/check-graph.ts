import type { GraphPart, NodePart, TensorPart } from './graph-types.js';
import { onnxLimits, type Source } from './wire-format.js';

/**
 * Checks the names of a graph and of the graphs inside it: each value is given once, everything
 * taken is given somewhere, and nothing waits for itself.
 * @throws ModelError that names the first value at fault.
 */
export function checkGraph(graph: GraphPart, source: Source): void {
  for (const name of freeNames(graph, source))
    source.fail(`takes ${JSON.stringify(name)}, which nothing in the file gives`);
}

/** Names that a graph takes from the graphs around it. */
function freeNames(graph: GraphPart, source: Source): Set<string> {
  const inputs = new Set<string>();
  for (const { name } of graph.inputs) {
    if (name === '') source.fail('has an input without a name');
    if (inputs.has(name)) source.fail(`has two inputs ${JSON.stringify(name)}`);
    inputs.add(name);
  }
  const stored = new Set<string>();
  for (const { name } of graph.initializers) {
    if (name === '') source.fail('stores a tensor without a name');
    if (stored.has(name)) source.fail(`stores two tensors ${JSON.stringify(name)}`);
    stored.add(name);
  }
  const producers = new Map<string, number>();
  graph.nodes.forEach(({ operator, outputs }, index) => {
    for (const name of outputs) {
      if (name === '') continue;
      if (producers.has(name) || inputs.has(name) || stored.has(name))
        source.fail(`${operator} gives ${JSON.stringify(name)}, which is given already`);
      producers.set(name, index);
    }
  });
  const outputs = new Set<string>();
  for (const { name } of graph.outputs) {
    if (outputs.has(name)) source.fail(`has two outputs ${JSON.stringify(name)}`);
    outputs.add(name);
  }
  const needs = graph.nodes.map((node) => needsOf(node, source));
  const free = new Set<string>();
  for (const name of [...needs.flatMap((names) => [...names]), ...outputs])
    if (!producers.has(name) && !inputs.has(name) && !stored.has(name)) free.add(name);
  requireNoCycle(graph.nodes, needs, producers, source);
  return free;
}

function needsOf(node: NodePart, source: Source): Set<string> {
  const names = new Set(node.inputs);
  names.delete('');
  for (const graph of node.graphs) for (const name of freeNames(graph, source)) names.add(name);
  return names;
}

function requireNoCycle(
  nodes: readonly NodePart[],
  needs: readonly ReadonlySet<string>[],
  producers: ReadonlyMap<string, number>,
  source: Source,
): void {
  const waiting = new Int32Array(nodes.length);
  const followers = nodes.map((): number[] => []);
  needs.forEach((names, index) => {
    for (const name of names) {
      const producer = producers.get(name);
      if (producer === undefined) continue;
      waiting[index]! += 1;
      followers[producer]!.push(index);
    }
  });
  const ready: number[] = [];
  waiting.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  let done = 0;
  for (; done < ready.length; done++)
    for (const follower of followers[ready[done]!]!) {
      waiting[follower]! -= 1;
      if (waiting[follower] === 0) ready.push(follower);
    }
  if (done === nodes.length) return;
  const stuck = nodes[waiting.findIndex((count) => count > 0)]!;
  source.fail(
    `is a cyclic graph: ${stuck.operator}, which gives ${JSON.stringify(stuck.outputs[0] ?? '')}, waits for itself`,
  );
}

/** Operators that create a tensor of any size from a shape, with the index of that input. */
const fillers = new Map([
  ['ConstantOfShape', 0],
  ['Expand', 1],
]);

/** Operators that enlarge a tensor by factors, with the indices of the inputs that may hold them. */
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
