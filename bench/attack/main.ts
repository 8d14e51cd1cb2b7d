import { appendFile, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readers } from './readers.js';
import { runShard, type ShardResult } from './shard.js';

/**
 * Reads files that were changed at random, by all readers of this package in this process, and
 * counts what came of them. Seeds are fixed; shards that the results hold already are left out, so
 * that a run goes on where it was stopped. Ends with exit code 1 where something got through.
 *
 *     npx tsx bench/attack/main.ts --cases 1000 --minutes 5
 *     npx tsx bench/attack/main.ts --cases 72000 --minutes 600 --results attack.jsonl
 */
const { values } = parseArgs({
  options: {
    /** Of each reader. */
    cases: { type: 'string', default: '1000' },
    shard: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    readers: { type: 'string' },
    results: { type: 'string' },
  },
});
const [seed, size] = [Number(values.seed), Number(values.shard)];
const shards = Math.ceil(Number(values.cases) / size);
const wanted = values.readers?.split(',');
const chosen = readers.filter(({ name }) => wanted?.includes(name) ?? true);
const end = performance.now() + Number(values.minutes) * 60_000;

const results = (await known()).filter(
  (result) => result.seed === seed && result.cases === size && result.shard < shards,
);
const isDone = (reader: string, shard: number): boolean =>
  results.some((result) => result.reader === reader && result.shard === shard);
let left = 0;
for (let shard = 0; shard < shards; shard += 1)
  for (const reader of chosen) {
    if (isDone(reader.name, shard)) continue;
    if (performance.now() > end) {
      left += 1;
      continue;
    }
    const result = await runShard(reader, { seed, shard, size });
    results.push(result);
    if (values.results !== undefined)
      await appendFile(values.results, `${JSON.stringify(result)}\n`);
  }
for (const reader of chosen) await reader.close?.();
report();

async function known(): Promise<ShardResult[]> {
  if (values.results === undefined) return [];
  const text = await readFile(values.results, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ShardResult);
}

function report(): void {
  let faults = 0;
  for (const { name } of chosen) {
    const own = results.filter(({ reader }) => reader === name);
    const sum = (count: (result: ShardResult) => number): number =>
      own.reduce((total, result) => total + count(result), 0);
    const cases = sum((result) => result.cases);
    if (cases === 0) continue;
    const kinds = [...new Set(own.flatMap(({ outcomes }) => Object.keys(outcomes)))].sort();
    const counts = kinds.map((kind) => `${kind} ${sum(({ outcomes }) => outcomes[kind] ?? 0)}`);
    const past = Math.round((100 * sum((result) => result.past)) / cases);
    const slowest = Math.max(...own.map((result) => result.slowest.seconds)).toFixed(2);
    console.log(
      `${name}: ${cases} files, ${past} % past the header; ${counts.join(', ')}; slowest ${slowest} s`,
    );
    for (const { stream, what } of own.flatMap((result) => result.faults)) {
      faults += 1;
      console.log(`  case ${stream}: ${what}`);
    }
  }
  console.log(`${faults} faults${left > 0 ? `; ${left} shards left for another run` : ''}`);
  process.exitCode = faults === 0 ? 0 : 1;
}
