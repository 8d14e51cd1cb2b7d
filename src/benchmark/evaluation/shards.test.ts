import { expect, test } from 'vitest';
import type { Engine, JobOptions } from '../../engine/engine.js';
import { EngineError, ModelError } from '../../utils/errors.js';
import type { BenchmarkRecord } from './records.js';
import {
  type BenchmarkUnit,
  runStrands,
  type Strand,
  type StrandMessage,
  shareOut,
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

test('units of one image stay together and strands have about the same work', () => {
  const weights: Record<string, number> = { a: 1, b: 9, c: 5, d: 4, e: 1 };
  const workOf = ({ item: { name } }: BenchmarkUnit) => weights[name]!;
  const strands = shareOut(units, 2, workOf);
  const names = strands.map((own) => [...new Set(own.map(({ item }) => item.name))]);
  expect(names).toEqual([
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]);
  for (const own of strands)
    expect(own.map(({ id }) => id)).toEqual(own.map(({ id }) => id).sort((a, b) => a - b));
  expect(strands.flat()).toHaveLength(10);
});

test('no more strands than images', () => {
  expect(shareOut(units.slice(0, 2), 4, () => 1)).toEqual([units.slice(0, 2)]);
  expect(shareOut([], 4, () => 1)).toEqual([]);
});

/** An engine whose jobs tell what `work` says of each unit. */
function madeUpEngine(work: (unit: BenchmarkUnit, tell: (message: StrandMessage) => void) => void) {
  const calls: number[][] = [];
  const engine: Engine = {
    run: async (_job, payload, given) => {
      const strand = payload as unknown as Strand;
      const options = given as JobOptions<StrandMessage> | undefined;
      calls.push(strand.units.map(({ id }) => id));
      for (const own of strand.units) {
        options?.onProgress?.({ kind: 'begun', unit: own.id });
        work(own, (message) => options?.onProgress?.(message));
      }
      return undefined as never;
    },
    close: async () => undefined,
  };
  return { engine, calls };
}

const strand: Strand = {
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

const record = (id: number): StrandMessage => ({
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
  await runStrands(engine, [strand], told, undefined);
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

test('what concerns every image is thrown and stops the other strands', async () => {
  const { engine, calls } = madeUpEngine(() => {
    throw new ModelError('pack', 'is damaged');
  });
  const run = runStrands(engine, [strand], listener(), undefined);
  await expect(run).rejects.toThrow('pack: is damaged');
  expect(calls).toHaveLength(1);
});
