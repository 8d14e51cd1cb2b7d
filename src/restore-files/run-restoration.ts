import { type Orientation, turnOf, turnUpright } from '../images/orientation.js';
import {
  collectRegions,
  type OnRegion,
  type Restoration,
  type RestorationFacts,
  type RestoredRegion,
  type RestoreOptions,
  type RestoreResult,
  RowWindow,
  restoreRegions,
  restoreWhole,
  type Span,
  type Tile,
} from '../restoration/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { calibrate } from './calibrate.js';
import type { RestoreFacts } from './restore-request.js';
import type { Work } from './restore-session.js';
import type { ResultFiles } from './result-file.js';
import { RunningMoments, type SamplePlan, WHITE_DEVIATION } from './samples.js';

const WHOLE = 2 ** 30;

/** Pixels of a restoration in memory. */
export interface RestoredHere extends Pick<RestoreResult, 'image' | 'restored'> {
  /** [3, H, W] each, where samples were asked for. */
  readonly samples?: readonly Tensor[];
  /** Standard deviation of each pixel [1, H, W], where a mean was asked for. */
  readonly deviation?: Tensor;
  readonly facts: RestoreFacts;
}

/** Restores into memory and, where that was asked for, once more in one piece. */
export async function restoreHere(
  work: Work,
  restoration: Restoration,
  beforeMeasuring: (result: RestoreResult) => Promise<void> = async () => undefined,
): Promise<RestoredHere> {
  await measureSpeed(work, restoration);
  const started = performance.now();
  if (work.samples.kept > 0 || work.samples.averaged > 0)
    return restoreSamples(work, restoration, started);
  const result = await restoreWhole(restoration, work.runner, work.options);
  const seconds = (performance.now() - started) / 1000;
  await beforeMeasuring(result);
  const { image, restored, ...facts } = result;
  const [, height, width] = image.shape as [number, number, number];
  const tiling = work.reportTiling ? await measured(work, restoration, result) : undefined;
  const all = factsOf(work, facts, { height, width }, seconds);
  return { image, restored, facts: { ...all, ...(tiling && { tiling }) } };
}

async function restoreSamples(
  work: Work,
  restoration: Restoration,
  started: number,
): Promise<RestoredHere> {
  const { input, scale } = restoration;
  const size = { height: input.height * scale, width: input.width * scale };
  const collect = () => collectRegions(size.height, size.width);
  const kept = Array.from({ length: work.samples.kept }, collect);
  const [mean, spread] = [collect(), collect()];
  const onRegion = collectSamples(work.samples, {
    sample: (sample, finished) => kept[sample]!.onRegion(finished),
    mean: async (finished, deviation) => {
      await mean.onRegion(finished);
      await spread.onRegion({ ...finished, image: asImage(deviation) });
    },
  });
  const found = await restoreRegions(restoration, work.runner, work.options, onRegion);
  const samples = kept.map(({ result }) => result().image);
  const isMean = work.samples.averaged > 0;
  const { image, restored } = (isMean ? mean : kept[0]!).result();
  const area = size.height * size.width;
  const deviation = isMean
    ? tensor([1, size.height, size.width], spread.result().image.data.slice(0, area))
    : undefined;
  const seconds = (performance.now() - started) / 1000;
  const facts = factsOf(work, found, size, seconds, deviation && statisticsOf(deviation));
  return {
    ...{ image, restored, facts },
    ...(samples.length > 0 && { samples }),
    ...(deviation && { deviation }),
  };
}

/**
 * Restores into files, which get their rows as they are finished, turned upright. Where the
 * difference of tiles to one piece is asked for, the result is held whole, and written before that
 * is measured.
 */
export async function restoreInto(
  given: Work,
  restoration: Restoration,
  files: ResultFiles,
  orientation: Orientation = 1,
): Promise<RestoreFacts> {
  const transposed = orientation >= 5;
  const { options, ...rest } = transposed ? turnedProgress(given) : given;
  const assembly = { transposed, ...(files.areCollected && { collected: true }) };
  const work = { ...rest, options: { ...options, ...assembly } };
  try {
    if (work.reportTiling) {
      const { facts } = await restoreHere(work, restoration, async ({ image }) => {
        await files.image!.write(turnUpright(image, orientation));
        await files.finish();
      });
      const { width, height } = facts;
      return orientation >= 5 ? { ...facts, width: height, height: width } : facts;
    }
    await measureSpeed(work, restoration);
    const started = performance.now();
    const { facts, size } = await restoreRows(work, restoration, files, orientation);
    await files.finish();
    const seconds = (performance.now() - started) / 1000;
    return factsOf(work, facts, size, seconds, files.uncertainty?.statistics);
  } finally {
    await files.abandon();
  }
}

async function measureSpeed(work: Work, restoration: Restoration): Promise<void> {
  const calibration = await calibrate(work, restoration);
  if (calibration !== undefined) work.calibrated(calibration);
}

/** Progress that speaks of the upright result. */
function turnedProgress(work: Work): Work {
  const { onProgress } = work.options;
  const turned: RestoreOptions['onProgress'] = (progress) =>
    onProgress?.({ ...progress, width: progress.height, height: progress.width });
  return { ...work, options: { ...work.options, onProgress: turned } };
}

async function restoreRows(
  { runner, options, samples }: Work,
  restoration: Restoration,
  files: ResultFiles,
  orientation: Orientation,
) {
  const { input, scale } = restoration;
  const stored = { height: input.height * scale, width: input.width * scale };
  const size = orientation >= 5 ? { height: stored.width, width: stored.height } : stored;
  let upright: ReturnType<typeof uprightRegions> | undefined;
  const windows = new Map<object, RowWindow>();
  const add = (file: { write(rows: Tensor): Promise<void> }, region: Tile, image: Tensor) => {
    const places = () => upright!.inOrder.map((own) => upright!.turned.get(own)!);
    const window =
      windows.get(file) ?? new RowWindow(places(), size.width, (rows) => file.write(rows));
    windows.set(file, window);
    return window.add(upright!.turned.get(region)!, turnUpright(image, orientation));
  };
  const onRegion = collectSamples(samples, {
    sample: (sample, { region, image }) =>
      add(files.samples[sample] ?? files.image!, region, image),
    mean: async ({ region, image }, deviation) => {
      await add(files.image!, region, image);
      await add(files.uncertainty!, region, asImage(deviation));
    },
  });
  const facts = await restoreRegions(restoration, runner, options, onRegion, (regions) => {
    upright = uprightRegions(regions, orientation, stored);
    return upright.inOrder;
  });
  return { facts, size };
}

function factsOf(
  { pack, swapped, options, samples: { averaged } }: Work,
  facts: RestorationFacts,
  size: { readonly height: number; readonly width: number },
  seconds: number,
  deviations?: { readonly mean: number; readonly maximum: number },
): RestoreFacts {
  const white = WHITE_DEVIATION;
  return {
    ...facts,
    pack: pack.manifest.name,
    task: pack.manifest.task,
    ...(Object.keys(swapped).length === 0 ? {} : { swapped }),
    seed: options.seed ?? 0,
    width: size.width,
    height: size.height,
    seconds,
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

async function measured(
  { runner, options }: Work,
  restoration: Restoration,
  tiled: RestoreResult,
): Promise<TilingError> {
  if (tiled.tiles === 1 && tiled.restorerTiles === 1) return { maximum: 0, rms: 0 };
  const whole = await restoreWhole(restoration, runner, {
    ...options,
    tile: WHOLE,
    region: WHOLE,
    memory: undefined,
  });
  return tilingError(tiled.image, whole.image);
}

/** How far an image computed in tiles is from the same image computed whole. */
export interface TilingError {
  /** Largest absolute difference, in units of the [0, 1] range. */
  readonly maximum: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
}

/** The difference between two images of one shape. */
export function tilingError(tiled: Tensor, whole: Tensor): TilingError {
  let maximum = 0;
  let squares = 0;
  for (let i = 0; i < tiled.data.length; i += 1) {
    const difference = Math.abs(tiled.data[i]! - whole.data[i]!);
    maximum = Math.max(maximum, difference);
    squares += difference ** 2;
  }
  return { maximum, rms: Math.sqrt(squares / tiled.data.length) };
}

/** Where regions of a stored image lie in the upright one. */
export interface UprightRegions {
  /** The stored regions, in the order in which the upright image needs them: top to bottom. */
  readonly inOrder: readonly Tile[];
  /** Place and weights of each in the upright image, in the same order. */
  readonly turned: ReadonlyMap<Tile, Tile>;
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
  return { inOrder: pairs.map(([region]) => region), turned: new Map(pairs) };
}

function backwards({ start, length, weights }: Span, extent: number): Span {
  return { start: extent - start - length, length, weights: weights.slice().reverse() };
}

/** Takes what is made of the samples of each region. */
export interface SampleSinks {
  /** A sample that is a result by itself. */
  sample(sample: number, finished: RestoredRegion): void | Promise<void>;
  /** Mean [3, rows, columns] and standard deviation [1, rows, columns] of those that are averaged. */
  mean(region: RestoredRegion, deviation: Tensor): void | Promise<void>;
}

/** Sorts the samples of regions, which come in their order, and averages them as they come. */
export function collectSamples({ kept, averaged }: SamplePlan, sinks: SampleSinks): OnRegion {
  let moments: RunningMoments | undefined;
  return async (finished) => {
    const { sample, image } = finished;
    if (sample < kept || averaged === 0) await sinks.sample(sample, finished);
    if (sample >= averaged) return;
    if (sample === 0) moments = new RunningMoments(image.data.length);
    moments!.add(image.data);
    if (sample + 1 < averaged) return;
    const [, rows, columns] = image.shape as [number, number, number];
    const mean = tensor(image.shape, moments!.mean);
    const deviation = tensor([1, rows, columns], moments!.deviation(3));
    moments = undefined;
    await sinks.mean({ ...finished, image: mean }, deviation);
  };
}

/** One plane as three that are alike. */
export function asImage({ shape, data }: Tensor): Tensor {
  const [, height, width] = shape as [number, number, number];
  const image = tensor([3, height, width]);
  for (let plane = 0; plane < 3; plane += 1) image.data.set(data, plane * data.length);
  return image;
}
