import { afterAll, expect, test } from 'vitest';
import { readers } from './readers.js';
import { runShard } from './shard.js';

afterAll(async () => {
  for (const reader of readers) await reader.close?.();
});

test.each(readers)('changed files for $name are read or refused in words', async (reader) => {
  const result = await runShard(reader, { seed: 1, shard: 0, size: 60 });
  expect(result.faults).toEqual([]);
  expect(result.past).toBeGreaterThanOrEqual(18);
});
