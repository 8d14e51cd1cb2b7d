import { stat } from 'node:fs/promises';
import { inParallel } from '../../datasets/map-concurrent.js';
import type { BenchmarkItem } from '../../evaluation/benchmark/items.js';
import type { MethodFacts } from './describe-method.js';
import type { BenchmarkUnit } from './strand.js';

/** What judging takes next to one evaluation of networks, roughly. */
const JUDGING = 0.2;

/**
 * Estimates of work, to share it out and to tell the time left: as the bytes of the input times the
 * evaluations of networks.
 */
export async function workOf(
  units: readonly BenchmarkUnit[],
  facts: readonly MethodFacts[],
): Promise<(unit: BenchmarkUnit) => number> {
  const items = [...new Set(units.map(({ item }) => item))];
  const sizes = new Map<BenchmarkItem, number>();
  await inParallel(items.length, 8, async (index) => {
    const item = items[index]!;
    sizes.set(item, await sizeOf(inputOf(item)));
  });
  return ({ item, method }) => sizes.get(item)! * (facts[method]!.evaluations + JUDGING);
}

function inputOf({ source }: BenchmarkItem): string {
  switch (source.kind) {
    case 'pair':
      return source.input;
    case 'made':
      return source.picture;
    case 'burst':
      return source.item.inputs[0]!;
  }
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => Math.max(1, size),
    () => 1,
  );
}
