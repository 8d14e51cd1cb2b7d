import { stat } from 'node:fs/promises';
import type { Engine } from '../../engine/engine.js';
import { defineJob } from '../../engine/job.js';
import { EngineError } from '../../utils/errors.js';
import { mapConcurrent } from '../../utils/map-concurrent.js';
import type { MetricFiles } from '../metrics/open-metrics.js';
import type { BenchmarkItem } from './items.js';
import type { MethodFacts, MethodSpec } from './method.js';
import type { SavedImage } from './record-folder.js';
import type { BenchmarkRecord } from './records.js';

/** Who is told of what strands do. */
export interface StrandListener {
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
 * Shares units out, those of one image together, so that strands have about the same work.
 * @param workOf in any unit.
 */
export function shareOut(
  units: readonly BenchmarkUnit[],
  count: number,
  workOf: (unit: BenchmarkUnit) => number,
): BenchmarkUnit[][] {
  const images = new Map<string, { units: BenchmarkUnit[]; work: number }>();
  for (const unit of units) {
    const key = JSON.stringify([unit.dataset, unit.item.name]);
    const image = images.get(key) ?? { units: [], work: 0 };
    images.set(key, image);
    image.units.push(unit);
    image.work += workOf(unit);
  }
  const strands = Array.from({ length: count }, () => ({ units: [] as BenchmarkUnit[], work: 0 }));
  for (const image of [...images.values()].sort((a, b) => b.work - a.work)) {
    const least = strands.reduce((best, strand) => (strand.work < best.work ? strand : best));
    least.units.push(...image.units);
    least.work += image.work;
  }
  return strands
    .filter(({ units: own }) => own.length > 0)
    .map(({ units: own }) => own.sort((a, b) => a.id - b.id));
}

/**
 * Runs strands at the same time. Where an engine process dies over an image, that image has
 * failed and the rest of its strand goes on in another process.
 * @throws what concerns every image, such as a ModelError; CancelledError.
 */
export async function runStrands(
  engine: Engine,
  strands: readonly Strand[],
  listener: StrandListener,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  signal?.addEventListener('abort', cancel);
  if (signal?.aborted) stop.abort();
  try {
    const running = strands.map((strand) =>
      runStrand(engine, strand, listener, stop.signal).catch((error) => {
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

async function runStrand(
  engine: Engine,
  strand: Strand,
  listener: StrandListener,
  signal: AbortSignal,
): Promise<void> {
  const units = new Map(strand.units.map((unit) => [unit.id, unit]));
  const left = new Map(units);
  let begun: BenchmarkUnit | undefined;
  const follow = (message: StrandMessage): void => {
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
        { ...strand, units: [...left.values()] },
        { signal, onProgress: follow },
      );
      return;
    } catch (error) {
      const victim = begun as BenchmarkUnit | undefined;
      if (!isDeath(error) || victim === undefined) throw error;
      left.delete(victim.id);
      listener.onFailure(victim, error.message);
    }
  }
}

/** Whether the process itself ended, rather than that a device or a graph was refused. */
function isDeath(error: unknown): error is EngineError {
  return error instanceof EngineError && error.code === 'process-ended';
}

/** One method on one image with one seed. */
export interface BenchmarkUnit {
  readonly id: number;
  /** See `recordKey`. */
  readonly key: string;
  readonly dataset: string;
  readonly item: BenchmarkItem;
  /** Place in the strand's list of methods. */
  readonly method: number;
  readonly seed: number;
  /** The file that somebody's method gave for this image. */
  readonly output?: string | undefined;
  /** What an earlier run saved of these very pixels. */
  readonly known?: SavedImage | undefined;
  /** Where to save the image: a path, and what records call it. */
  readonly save?: { readonly path: string; readonly name: string } | undefined;
}

/** Images that one engine process works on, one after another. */
export interface Strand {
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

/** What a strand tells while it works. */
export type StrandMessage =
  | { readonly kind: 'begun'; readonly unit: number }
  | { readonly kind: 'share'; readonly unit: number; readonly share: number }
  | { readonly kind: 'record'; readonly unit: number; readonly record: BenchmarkRecord }
  | { readonly kind: 'failure'; readonly unit: number; readonly message: string };

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
