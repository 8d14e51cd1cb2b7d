import { stat } from 'node:fs/promises';
import type { Engine } from '../../engine/engine.js';
import { defineJob } from '../../engine/job.js';
import type { BenchmarkRecord } from '../../reports/tables/record.js';
import { EngineError } from '../../utils/errors.js';
import { mapConcurrent } from '../../utils/map-concurrent.js';
import type { MetricFiles } from '../metrics/open-metrics.js';
import type { BenchmarkItem } from './items.js';
import type { MethodFacts, MethodSpec } from './method.js';
import type { SavedImage } from './record-folder.js';

/** Receives what shards report. */
interface ShardListener {
  readonly onRecord: (unit: BenchmarkUnit, record: BenchmarkRecord) => void;
  readonly onFailure: (unit: BenchmarkUnit, message: string) => void;
  /** Share of the work on an image that is done. */
  readonly onShare: (unit: BenchmarkUnit, share: number) => void;
}

const measureJob = defineJob<typeof import('./benchmark-job.js').measureUnits>(
  new URL('./benchmark-job.js', import.meta.url),
  'measureUnits',
);

/**
 * Splits units into shards of about the same cost; those of one image stay together.
 * @param costOf in any unit.
 */
export function splitIntoShards(
  units: readonly BenchmarkUnit[],
  count: number,
  costOf: (unit: BenchmarkUnit) => number,
): BenchmarkUnit[][] {
  const images = new Map<string, { units: BenchmarkUnit[]; cost: number }>();
  for (const unit of units) {
    const key = JSON.stringify([unit.dataset, unit.item.name]);
    const image = images.get(key) ?? { units: [], cost: 0 };
    images.set(key, image);
    image.units.push(unit);
    image.cost += costOf(unit);
  }
  const shards = Array.from({ length: count }, () => ({ units: [] as BenchmarkUnit[], cost: 0 }));
  for (const image of [...images.values()].sort((a, b) => b.cost - a.cost)) {
    const least = shards.reduce((best, shard) => (shard.cost < best.cost ? shard : best));
    least.units.push(...image.units);
    least.cost += image.cost;
  }
  return shards
    .filter(({ units: all }) => all.length > 0)
    .map(({ units: all }) => all.sort((a, b) => a.id - b.id));
}

/**
 * Runs shards concurrently. If an engine process ends during an image, that image has failed and
 * the rest of its shard continues in another process.
 * @throws what concerns every image, such as a ModelError; CancelledError.
 */
export async function runShards(
  engine: Engine,
  shards: readonly Shard[],
  listener: ShardListener,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  signal?.addEventListener('abort', cancel);
  if (signal?.aborted) stop.abort();
  try {
    const running = shards.map((shard) =>
      runShard(engine, shard, listener, stop.signal).catch((error) => {
        stop.abort();
        throw error;
      }),
    );
    const outcomes = await Promise.allSettled(running);
    const failed = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    const reason = failed.find((error) => error?.kind !== 'cancelled') ?? failed[0];
    if (reason !== undefined) throw reason;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

async function runShard(
  engine: Engine,
  shard: Shard,
  listener: ShardListener,
  signal: AbortSignal,
): Promise<void> {
  const units = new Map(shard.units.map((unit) => [unit.id, unit]));
  const left = new Map(units);
  let begun: BenchmarkUnit | undefined;
  const follow = (message: ShardMessage): void => {
    const unit = units.get(message.unit)!;
    if (message.kind === 'begun') begun = unit;
    if (message.kind === 'share') listener.onShare(unit, message.share);
    if (message.kind === 'record' || message.kind === 'failure') {
      left.delete(unit.id);
      begun = undefined;
    }
    if (message.kind === 'record') listener.onRecord(unit, message.record);
    if (message.kind === 'failure') listener.onFailure(unit, message.message);
  };
  while (left.size > 0) {
    begun = undefined;
    try {
      await engine.run(
        measureJob,
        { ...shard, units: [...left.values()] },
        { signal, onProgress: follow },
      );
      return;
    } catch (error) {
      const victim = begun as BenchmarkUnit | undefined;
      if (!isProcessEnd(error) || victim === undefined) throw error;
      left.delete(victim.id);
      listener.onFailure(victim, error.message);
    }
  }
}

/** Whether the process itself ended, rather than that a device or a graph was refused. */
function isProcessEnd(error: unknown): error is EngineError {
  return error instanceof EngineError && error.code === 'process-ended';
}

/** One method on one image with one seed. */
export interface BenchmarkUnit {
  readonly id: number;
  /** See `recordKey`. */
  readonly key: string;
  readonly dataset: string;
  readonly item: BenchmarkItem;
  /** Index in the shard's list of methods. */
  readonly method: number;
  readonly seed: number;
  /** The image that an `outputs` method has for this example. */
  readonly output?: string | undefined;
  /** The result of an earlier run for the same pixels. */
  readonly saved?: SavedImage | undefined;
  /** Where to save the image: a path, and what records call it. */
  readonly save?: { readonly path: string; readonly name: string } | undefined;
}

/** Images that one engine process works on, one after another. */
export interface Shard {
  readonly units: readonly BenchmarkUnit[];
  readonly methods: readonly MethodSpec[];
  /** As `parseMetricRequest` reads them. */
  readonly metrics: readonly string[];
  readonly files: MetricFiles;
  /** Folder of sketches for metrics of sets. */
  readonly sketches: string;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
}

/** What a shard reports while it runs. */
export type ShardMessage =
  | { readonly kind: 'begun'; readonly unit: number }
  | { readonly kind: 'share'; readonly unit: number; readonly share: number }
  | { readonly kind: 'record'; readonly unit: number; readonly record: BenchmarkRecord }
  | { readonly kind: 'failure'; readonly unit: number; readonly message: string };

/** Rough cost of the metrics, relative to one evaluation of the networks. */
const JUDGING = 0.2;

/**
 * Estimates the cost of units, for splitting them and for the time left: bytes of the input times
 * evaluations of networks.
 */
export async function unitCosts(
  units: readonly BenchmarkUnit[],
  facts: readonly MethodFacts[],
): Promise<(unit: BenchmarkUnit) => number> {
  const items = [...new Set(units.map(({ item }) => item))];
  const sizes = new Map<BenchmarkItem, number>();
  await mapConcurrent(items.length, 8, async (index) => {
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
      return source.image;
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
