import type { GraphPart, NodePart } from './parts.js';
import type { Source } from './wire.js';

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
