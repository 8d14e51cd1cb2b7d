import { expect, test } from 'vitest';
import type { Engine, JobOptions } from '../../engine/engine.js';
import type { BenchmarkRecord } from '../../reports/tables/record.js';
import { EngineError, ModelError } from '../../utils/errors.js';
import {
  type BenchmarkUnit,
  runShards,
  type Shard,
  type ShardMessage,
  splitIntoShards,
} from './shards.js';

function unit(id: number, image: string, method = 0): BenchmarkUnit {
  const source = { kind: 'pair', input: image, target: image } as const;
  return {
    ...{ id, key: String(id), dataset: 'set', method, seed: 0 },
    item: { name: image, scale: 1, source },
  };
}

const units = ['a', 'b', 'c', 'd', 'e'].flatMap((name, index) => [
  unit(2 * index, name),
  unit(2 * index + 1, name, 1),
]);

test('units of one image stay together and shards have about the same cost', () => {
  const weights: Record<string, number> = { a: 1, b: 9, c: 5, d: 4, e: 1 };
  const workOf = ({ item: { name } }: BenchmarkUnit) => weights[name]!;
  const shards = splitIntoShards(units, 2, workOf);
  const names = shards.map((own) => [...new Set(own.map(({ item }) => item.name))]);
  expect(names).toEqual([
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]);
  for (const own of shards)
    expect(own.map(({ id }) => id)).toEqual(own.map(({ id }) => id).sort((a, b) => a - b));
  expect(shards.flat()).toHaveLength(10);
});

test('no more shards than images', () => {
  expect(splitIntoShards(units.slice(0, 2), 4, () => 1)).toEqual([units.slice(0, 2)]);
  expect(splitIntoShards([], 4, () => 1)).toEqual([]);
});

/** An engine whose jobs tell what `cost` says of each unit. */
function madeUpEngine(cost: (unit: BenchmarkUnit, tell: (message: ShardMessage) => void) => void) {
  const calls: number[][] = [];
  const engine: Engine = {
    run: async (_job, payload, given) => {
      const shard = payload as unknown as Shard;
      const options = given as JobOptions<ShardMessage> | undefined;
      calls.push(shard.units.map(({ id }) => id));
      for (const own of shard.units) {
        options?.onProgress?.({ kind: 'begun', unit: own.id });
        cost(own, (message) => options?.onProgress?.(message));
      }
      return undefined as never;
    },
    close: async () => undefined,
  };
  return { engine, calls };
}

const shard: Shard = {
  ...{ units: units.slice(0, 4), methods: [], metrics: [], files: { store: '' }, sketches: '' },
};

function listener() {
  const seen: string[] = [];
  return {
    seen,
    onRecord: ({ id }: BenchmarkUnit) => void seen.push(`${id} done`),
    onFailure: ({ id }: BenchmarkUnit, message: string) => void seen.push(`${id} ${message}`),
    onShare: () => undefined,
  };
}

const record = (id: number): ShardMessage => ({
  ...{ kind: 'record', unit: id, record: {} as BenchmarkRecord },
});

test('an image over which the process dies has failed, and the rest goes on', async () => {
  const { engine, calls } = madeUpEngine(({ id }, tell) => {
    if (id === 1)
      throw new EngineError('measureUnits', 'the engine process was killed by SIGKILL', {
        code: 'process-ended',
      });
    tell(record(id));
  });
  const told = listener();
  await runShards(engine, [shard], told, undefined);
  expect(calls).toEqual([
    [0, 1, 2, 3],
    [2, 3],
  ]);
  expect(told.seen).toEqual([
    '0 done',
    expect.stringMatching(/^1 .*the engine process was killed/),
    '2 done',
    '3 done',
  ]);
});

test('what concerns every image is thrown and stops the other shards', async () => {
  const { engine, calls } = madeUpEngine(() => {
    throw new ModelError('pack', 'is damaged');
  });
  const run = runShards(engine, [shard], listener(), undefined);
  await expect(run).rejects.toThrow('pack: is damaged');
  expect(calls).toHaveLength(1);
});
