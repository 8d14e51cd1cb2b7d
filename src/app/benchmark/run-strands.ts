import type { Engine } from '../../engine/engine.js';
import type { BenchmarkRecord } from '../../evaluation/benchmark/record.js';
import { EngineError } from '../../tensor/errors.js';
import type { BenchmarkUnit, Strand, StrandMessage } from './strand.js';

/** Who is told of what strands do. */
export interface StrandListener {
  readonly onRecord: (unit: BenchmarkUnit, record: BenchmarkRecord) => void;
  readonly onFailure: (unit: BenchmarkUnit, message: string) => void;
  /** Share of the work on a picture that is done. */
  readonly onShare: (unit: BenchmarkUnit, share: number) => void;
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
export const benchmarkJobs = new URL(`./benchmark-job.${extension}`, import.meta.url);

/**
 * Shares units out, those of one picture together, so that strands have about the same work.
 * @param workOf in any unit.
 */
export function shareOut(
  units: readonly BenchmarkUnit[],
  count: number,
  workOf: (unit: BenchmarkUnit) => number,
): BenchmarkUnit[][] {
  const pictures = new Map<string, { units: BenchmarkUnit[]; work: number }>();
  for (const unit of units) {
    const key = JSON.stringify([unit.dataset, unit.item.name]);
    const picture = pictures.get(key) ?? { units: [], work: 0 };
    pictures.set(key, picture);
    picture.units.push(unit);
    picture.work += workOf(unit);
  }
  const strands = Array.from({ length: count }, () => ({ units: [] as BenchmarkUnit[], work: 0 }));
  for (const picture of [...pictures.values()].sort((a, b) => b.work - a.work)) {
    const least = strands.reduce((best, strand) => (strand.work < best.work ? strand : best));
    least.units.push(...picture.units);
    least.work += picture.work;
  }
  return strands
    .filter(({ units: own }) => own.length > 0)
    .map(({ units: own }) => own.sort((a, b) => a.id - b.id));
}

/**
 * Runs strands at the same time. Where an engine process dies over a picture, that picture has
 * failed and the rest of its strand goes on in another process.
 * @throws what concerns every picture, such as a ModelError; CancelledError.
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
        benchmarkJobs,
        'benchmarkJob',
        { ...strand, units: [...left.values()] },
        { signal, onProgress: (message) => follow(message as StrandMessage) },
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
  return error instanceof EngineError && error.message.includes('the engine process ');
}
