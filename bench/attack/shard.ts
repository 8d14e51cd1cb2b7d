import { integerAt } from '../../src/tensor/random.js';
import { mutated } from '../../src/tensor/testing/hostile-files.js';
import { DpirError } from '../../src/utils/errors.js';
import type { Draw } from './chunked.js';
import type { Reader } from './readers.js';

/** Largest file of a case. */
const MOST_BYTES = 65_536;
/** Seconds of processor time beyond which a case counts as slow. */
const SLOW = 10;

/** What came of some cases. */
export interface ShardResult {
  readonly reader: string;
  readonly seed: number;
  readonly shard: number;
  readonly cases: number;
  /** Cases that got past the header. */
  readonly past: number;
  /** By `read` or the class of the error. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Seconds of processor time that the slowest took, and which it was. */
  readonly slowest: { readonly stream: number; readonly seconds: number };
  /** What should not be: errors that are not typed or do not name the file, and slow files. */
  readonly faults: readonly { readonly stream: number; readonly what: string }[];
}

/** Reads changed files; seed, shard and size alone decide which. */
export async function runShard(
  reader: Reader,
  { seed, shard, size }: { readonly seed: number; readonly shard: number; readonly size: number },
): Promise<ShardResult> {
  const bases = await reader.bases();
  const outcomes: Record<string, number> = {};
  const faults: { stream: number; what: string }[] = [];
  let past = 0;
  let slowest = { stream: -1, seconds: 0 };
  for (let stream = shard * size; stream < (shard + 1) * size; stream += 1) {
    const bytes = caseOf(reader, bases, seed, stream);
    if (await passes(() => reader.header(bytes))) past += 1;
    const before = process.cpuUsage();
    let outcome = 'read';
    try {
      await reader.read(bytes);
    } catch (error) {
      outcome = error instanceof Error ? error.name : 'not an error';
      const isTyped = error instanceof DpirError && error.details.subject === 'attack';
      if (!isTyped) faults.push({ stream, what: String(error).slice(0, 200) });
    }
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    if (seconds > slowest.seconds) slowest = { stream, seconds };
    if (seconds > SLOW) faults.push({ stream, what: `took ${seconds.toFixed(1)} s` });
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return { reader: reader.name, seed, shard, cases: size, past, outcomes, slowest, faults };
}

/** The file of a case. Three of four keep their outer form. */
export function caseOf(
  { changed, interesting }: Reader,
  bases: readonly Uint8Array[],
  seed: number,
  stream: number,
): Uint8Array {
  let index = 1000;
  const draw: Draw = (bound) => integerAt(seed, stream, index++, bound);
  const base = bases[draw(bases.length)]!;
  const change = (bytes: Uint8Array): Uint8Array =>
    bytes.length === 0 ? bytes : mutated(bytes, { seed, stream, interesting });
  const isFormed = changed !== undefined && draw(4) > 0;
  const result = isFormed ? changed(Uint8Array.from(base), draw, change) : change(base);
  return Uint8Array.from(result.subarray(0, MOST_BYTES));
}

async function passes(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    return false;
  }
}
