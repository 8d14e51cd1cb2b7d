/**
 * Cycles of a directed graph, one per strongly connected component (Tarjan, 1972).
 * @returns each cycle as a walk whose last node equals its first
 */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const cycles: string[][] = [];

  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    open.add(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node)!, low.get(next)!));
      } else if (open.has(next)) {
        low.set(node, Math.min(low.get(node)!, index.get(next)!));
      }
    }
    if (low.get(node) !== index.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    for (const member of component) open.delete(member);
    const cycle = shortestCycle(node, new Set(component), edges);
    if (cycle !== undefined) cycles.push(cycle);
  };

  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return cycles;
}

/** Breadth-first walk inside a component from `start` back to it; undefined for a lone node. */
function shortestCycle(
  start: string,
  component: ReadonlySet<string>,
  edges: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const paths: string[][] = [[start]];
  const seen = new Set<string>();
  for (const walk of paths) {
    for (const next of edges.get(walk.at(-1)!) ?? []) {
      if (next === start) return [...walk, start];
      if (!component.has(next) || seen.has(next)) continue;
      seen.add(next);
      paths.push([...walk, next]);
    }
  }
  return undefined;
}
