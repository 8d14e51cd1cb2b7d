import type { JobContext } from '../engine/job.js';
import { type Orientation, turnOf, turnUpright } from '../images/orientation.js';
import {
  collectRegions,
  joinDegraded,
  joinImage,
  planRestoration,
  type Restoration,
  type RestorationFacts,
  type RestorationPlan,
  type RestoreResult,
  RowWindow,
  restoreWhole,
  runRestoration,
  type Span,
  type Tile,
} from '../restoration/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { LimitError } from '../utils/errors.js';
import { WHOLE_IMAGE_PIXELS } from '../utils/limits.js';
import { calibrate } from './calibrate.js';
import { openImageFile } from './input-image.js';
import type { RestoreFacts, RestoreRequest } from './restore-request.js';
import { openSession, type RestoreSession, requireResultSize } from './restore-session.js';
import { ResultFiles } from './result-file.js';
import { asImage, collectSamples, WHITE_DEVIATION } from './samples.js';
import type { RestoreUpdate } from './time-left.js';

type FileRequest = RestoreRequest & { readonly input: string; readonly output: string };

/**
 * Restores an image file: decodes it, plans, runs the networks and encodes the result, which keeps
 * depth, profile, EXIF, XMP and alpha.
 */
export async function restoreToFile(
  context: JobContext<RestoreUpdate>,
  { input, output, strip, limits, ...request }: FileRequest,
): Promise<RestoreFacts> {
  const session = await openSession(context, request);
  const { pack, maxPixels, options } = session;
  const limit = { scale: pack.manifest.scale, maxPixels };
  let streamed = pixelsInMemory(options.memory);
  for (;;) {
    const image = await openImageFile(input, output, limit, { strip, limits, streamed });
    try {
      const files = new ResultFiles(image.result, request);
      return await restoreIntoFiles(session, joinDegraded(image.input, pack), files);
    } catch (error) {
      const isOfMemory =
        error instanceof LimitError && ['memory-limit', 'out-of-memory'].includes(error.code);
      if (!isOfMemory || image.input.heldBytes === undefined) throw error;
    } finally {
      await image.close();
    }
    // There may be enough memory if the input is decoded to disk.
    streamed = 0;
  }
}

/** Pixels of an input that may lie in memory: at twelve bytes each, an eighth of what is allowed. */
function pixelsInMemory(memory = Number.POSITIVE_INFINITY): number {
  return Math.min(WHOLE_IMAGE_PIXELS, memory / (8 * 12));
}

/**
 * Restores into files, which receive their rows upright as soon as they are finished. To measure the
 * error of tiling the result is held in memory, and written before the measurement.
 */
export async function restoreIntoFiles(
  given: RestoreSession,
  restoration: Restoration,
  files: ResultFiles,
  orientation: Orientation = 1,
): Promise<RestoreFacts> {
  const transposed = orientation >= 5;
  const turned = <Size extends { readonly width: number; readonly height: number }>(size: Size) =>
    transposed ? { ...size, width: size.height, height: size.width } : size;
  const session: RestoreSession = {
    ...given,
    options: {
      ...{ ...given.options, transposed, ...(files.areCollected && { collected: true }) },
      onProgress: (progress) => given.options.onProgress?.(turned(progress)),
    },
  };
  try {
    if (session.reportTiling) {
      const { facts } = await restoreIntoMemory(session, restoration, async ({ image }) => {
        await files.image!.write(turnUpright(image, orientation));
        await files.finish();
      });
      return turned(facts);
    }
    const { plan, started } = await planSession(session, restoration);
    const { inOrder, upright } = uprightRegions(plan.regions, orientation, plan);
    const size = turned({ width: plan.width, height: plan.height });
    const writerOf = (file: { write(rows: Tensor): Promise<void> } | undefined) => {
      const regions = inOrder.map((region) => upright.get(region)!);
      const window = new RowWindow(regions, size.width, (rows) => file!.write(rows));
      return (region: Tile, image: Tensor) =>
        window.add(upright.get(region)!, turnUpright(image, orientation));
    };
    const writeImage = writerOf(files.image);
    const writeSamples = files.samples.map(writerOf);
    const writeUncertainty = writerOf(files.uncertainty);
    const onRegion = collectSamples(session.samples, {
      sample: (sample, { region, image }) => (writeSamples[sample] ?? writeImage)(region, image),
      mean: async ({ region, image }, deviation) => {
        await writeImage(region, image);
        await writeUncertainty(region, asImage(deviation));
      },
    });
    const facts = await runRestoration({ ...plan, regions: inOrder }, onRegion);
    await files.finish();
    const seconds = (performance.now() - started) / 1000;
    return factsOf(session, facts, size, seconds, files.uncertainty?.statistics);
  } finally {
    await files.abandon();
  }
}

/** Measures the speed of the networks, then plans memory, tiles and regions. */
async function planSession(session: RestoreSession, restoration: Restoration) {
  const { runner, options } = session;
  const calibration = await calibrate(session, restoration);
  const started = performance.now();
  const onProgress = (progress: RestoreUpdate): void => {
    const update = progress.phase === 'starting' ? { ...progress, calibration } : progress;
    options.onProgress?.(update);
  };
  return { plan: planRestoration(restoration, runner, { ...options, onProgress }), started };
}

/** Pixels of a restoration in memory. */
export interface RestoredInMemory extends Pick<RestoreResult, 'image' | 'restored'> {
  /** [3, H, W] each, where samples were asked for. */
  readonly samples?: readonly Tensor[];
  /** Standard deviation of each pixel [1, H, W], where a mean was asked for. */
  readonly deviation?: Tensor;
  readonly facts: RestoreFacts;
}

/** Restores an image [3, H, W] that the caller holds. */
export async function restorePixels(
  context: JobContext<RestoreUpdate>,
  { image, ...request }: RestoreRequest & { readonly image: Tensor },
): Promise<RestoreFacts & Omit<RestoredInMemory, 'facts'>> {
  const session = await openSession(context, request);
  const [, height = 0, width = 0] = image.shape;
  const { scale } = session.pack.manifest;
  requireResultSize('image', { width, height }, { scale, maxPixels: session.maxPixels });
  const { facts, ...result } = await restoreIntoMemory(session, joinImage(image, session.pack));
  return { ...facts, ...result };
}

/** Restores into memory and, to measure the error of tiling, once more in one piece. */
export async function restoreIntoMemory(
  session: RestoreSession,
  restoration: Restoration,
  beforeMeasuring: (result: RestoreResult) => Promise<void> = async () => undefined,
): Promise<RestoredInMemory> {
  const { plan, started } = await planSession(session, restoration);
  const { single, averaged } = session.samples;
  if (single > 0 || averaged > 0) return collectInMemory(session, plan, started);
  const { onRegion, result: collected } = collectRegions(plan.height, plan.width);
  const found = await runRestoration(plan, onRegion);
  const seconds = (performance.now() - started) / 1000;
  const { image, restored } = collected();
  const facts = factsOf(session, found, plan, seconds);
  if (!session.reportTiling) return { image, restored, facts };
  await beforeMeasuring({ ...found, image, restored });
  const isWhole = found.tiles === 1 && found.restorerTiles === 1;
  const whole = isWhole ? image : (await restoreUntiled(session, restoration)).image;
  return { image, restored, facts: { ...facts, tiling: tilingErrorOf(image, whole) } };
}

/** Larger than any image. */
const WHOLE = 2 ** 30;

function restoreUntiled({ runner, options }: RestoreSession, restoration: Restoration) {
  return restoreWhole(restoration, runner, {
    ...options,
    ...{ tile: WHOLE, region: WHOLE, memory: undefined },
  });
}

async function collectInMemory(
  session: RestoreSession,
  plan: RestorationPlan,
  started: number,
): Promise<RestoredInMemory> {
  const { height, width } = plan;
  const collect = () => collectRegions(height, width);
  const singles = Array.from({ length: session.samples.single }, collect);
  const [mean, deviations] = [collect(), collect()];
  const found = await runRestoration(
    plan,
    collectSamples(session.samples, {
      sample: (sample, finished) => singles[sample]!.onRegion(finished),
      mean: async (finished, deviation) => {
        await mean.onRegion(finished);
        await deviations.onRegion({ ...finished, image: asImage(deviation) });
      },
    }),
  );
  const samples = singles.map(({ result }) => result().image);
  const isMean = session.samples.averaged > 0;
  const { image, restored } = (isMean ? mean : singles[0]!).result();
  const deviation = isMean
    ? tensor([1, height, width], deviations.result().image.data.slice(0, height * width))
    : undefined;
  const seconds = (performance.now() - started) / 1000;
  const facts = factsOf(session, found, plan, seconds, deviation && statisticsOf(deviation));
  return {
    ...{ image, restored, facts },
    ...(samples.length > 0 && { samples }),
    ...(deviation && { deviation }),
  };
}

function factsOf(
  { pack, swapped, options, samples: { averaged } }: RestoreSession,
  facts: RestorationFacts,
  { height, width }: { readonly height: number; readonly width: number },
  seconds: number,
  deviations?: { readonly mean: number; readonly maximum: number },
): RestoreFacts {
  const white = WHITE_DEVIATION;
  return {
    ...facts,
    ...{ pack: pack.manifest.name, task: pack.manifest.task },
    ...(Object.keys(swapped).length === 0 ? {} : { swapped }),
    ...{ seed: options.seed ?? 0, width, height, seconds },
    ...(deviations && { uncertainty: { of: averaged, ...deviations, white } }),
  };
}

function statisticsOf({ data }: Tensor) {
  let [sum, maximum] = [0, 0];
  for (const deviation of data) {
    sum += deviation;
    if (deviation > maximum) maximum = deviation;
  }
  return { mean: sum / data.length, maximum };
}

/** Difference between an image computed in tiles and the same image computed whole. */
export interface TilingError {
  /** Largest absolute difference, in units of the [0, 1] range. */
  readonly maximum: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
}

/** The difference between two images of one shape. */
export function tilingErrorOf(tiled: Tensor, whole: Tensor): TilingError {
  let maximum = 0;
  let squares = 0;
  for (let i = 0; i < tiled.data.length; i += 1) {
    const difference = Math.abs(tiled.data[i]! - whole.data[i]!);
    maximum = Math.max(maximum, difference);
    squares += difference ** 2;
  }
  return { maximum, rms: Math.sqrt(squares / tiled.data.length) };
}

/** Positions of regions of a stored image in the upright one. */
interface UprightRegions {
  /** The stored regions, in the order in which the upright image needs them: top to bottom. */
  readonly inOrder: readonly Tile[];
  /** Position and weights of each in the upright image, in the same order. */
  readonly upright: ReadonlyMap<Tile, Tile>;
}

/** @param size of the stored image. */
export function uprightRegions(
  regions: readonly Tile[],
  orientation: Orientation,
  { height, width }: { readonly height: number; readonly width: number },
): UprightRegions {
  const { transposed, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const pairs = regions.map((region): [Tile, Tile] => {
    const rows = rowsBackwards ? backwards(region.rows, height) : region.rows;
    const columns = columnsBackwards ? backwards(region.columns, width) : region.columns;
    const { index } = region;
    return [
      region,
      transposed ? { index, rows: columns, columns: rows } : { index, rows, columns },
    ];
  });
  pairs.sort(([, a], [, b]) => a.rows.start - b.rows.start || a.columns.start - b.columns.start);
  return { inOrder: pairs.map(([region]) => region), upright: new Map(pairs) };
}

function backwards({ start, length, weights }: Span, extent: number): Span {
  return { start: extent - start - length, length, weights: weights.slice().reverse() };
}
