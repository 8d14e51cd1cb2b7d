import type { Feeds } from '../../graph/graph-runner.js';

/** Graphs take exactly their inputs; a loss of one's own may leave some of a batch aside. */
export function only(names: readonly string[], feeds: Feeds): Feeds {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}
