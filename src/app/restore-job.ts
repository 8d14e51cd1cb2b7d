import type { GraphRunner } from '../engine/contract.js';
import type { JobContext } from '../engine/process/job.js';
import {
  type Pack,
  type PackManifest,
  type RestoreOptions,
  type RestoreResult,
  restorePicture,
} from '../restoration/index.js';
import { ParameterError } from '../tensor/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { loadPack } from './load-pack.js';
import { openPictureFile } from './picture-file.js';
import { type ResultLimit, requireResultSize } from './result-size.js';
import { type ModuleSwaps, type SwappedModules, swapModules } from './swap-modules.js';
import { type TilingError, tilingError } from './tiling-error.js';

/** What crosses to the engine process: `RestoreOptions` that survive a structured clone. */
export interface RestoreRequest
  extends Omit<RestoreOptions, 'onProgress' | 'onStep' | 'featureBytes'> {
  /** Folder of a pack, or the name of a shipped one; default `sr4`. */
  readonly pack?: string | undefined;
  /** What the pack must be for; default: whatever it is for. */
  readonly task?: PackManifest['task'] | undefined;
  /** Files whose modules take the place of the pack's. */
  readonly modules?: ModuleSwaps | undefined;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  /** Most pixels of the result; default 2^26. */
  readonly maxPixels?: number | undefined;
  /**
   * Restores a second time in one piece and measures the difference; a file is written before.
   * The second time takes the memory of the whole picture.
   */
  readonly reportTiling?: boolean | undefined;
}

/** What a restoration reports besides its pixels. */
export interface RestoreFacts
  extends Pick<
    RestoreResult,
    'settings' | 'beyondTraining' | 'nfe' | 'tiles' | 'macs' | 'roughMacs' | 'device'
  > {
  readonly pack: string;
  /** Modules that are not the pack's, by file; absent where all are. */
  readonly swapped?: SwappedModules;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** Largest side of a tile in pixels of the result. */
  readonly tile: number;
  /** From the decoded picture to the result. */
  readonly seconds: number;
  readonly tiling?: TilingError;
}

export const DEFAULT_PACK = 'sr4';
const DEFAULT_MAX_PIXELS = 2 ** 26;
const WHOLE = 2 ** 30;

/** Restores pixels that the caller holds. */
export async function restorePictureJob(
  context: JobContext,
  { picture, ...request }: RestoreRequest & { readonly picture: Tensor },
): Promise<RestoreFacts & Pick<RestoreResult, 'picture' | 'restored'>> {
  const work = await prepare(context, request);
  const [, height = 0, width = 0] = picture.shape;
  requireResultSize('picture', { width, height }, work.limit);
  const { facts, ...result } = await restored(work, picture);
  const tiling = request.reportTiling === true ? await measured(work, picture, result) : undefined;
  return { ...facts, ...(tiling && { tiling }), ...result };
}

/** Decodes, restores and writes a picture; depth, profile, EXIF and alpha are kept. */
export async function restoreFileJob(
  context: JobContext,
  {
    input,
    output,
    ...request
  }: RestoreRequest & { readonly input: string; readonly output: string },
): Promise<RestoreFacts> {
  const work = await prepare(context, request);
  const file = await openPictureFile(input, output, work.limit);
  const { facts, picture } = await restored(work, file.picture);
  await file.write(picture);
  if (request.reportTiling !== true) return facts;
  return { ...facts, tiling: await measured(work, file.picture, { picture }) };
}

/** Everything a restoration needs besides the picture. */
interface Work {
  readonly pack: Pack;
  readonly swapped: SwappedModules;
  readonly runner: GraphRunner;
  readonly options: RestoreOptions;
  readonly limit: ResultLimit;
}

async function prepare(context: JobContext, request: RestoreRequest): Promise<Work> {
  const {
    pack: name = DEFAULT_PACK,
    device,
    threads,
    maxPixels = DEFAULT_MAX_PIXELS,
    reportTiling: _asked,
    modules = {},
    task,
    ...options
  } = request;
  const own = await loadPack(name);
  if (task !== undefined && task !== own.manifest.task)
    throw new ParameterError('task', `${own.manifest.task}, which the pack ${name} is for`, task);
  const runner = await context.runner({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  const { pack, swapped } = await swapModules(own, modules, runner);
  return {
    pack,
    swapped,
    runner,
    options: { ...options, onProgress: (progress) => context.progress(progress) },
    limit: { scale: pack.manifest.scale, maxPixels },
  };
}

async function restored(
  { pack, swapped, runner, options }: Work,
  picture: Tensor,
): Promise<{ facts: RestoreFacts } & Pick<RestoreResult, 'picture' | 'restored'>> {
  const started = performance.now();
  const result = await restorePicture(picture, pack, runner, options);
  const seconds = (performance.now() - started) / 1000;
  const { picture: large, restored, ...facts } = result;
  return {
    picture: large,
    restored,
    facts: {
      ...facts,
      pack: pack.manifest.name,
      ...(Object.keys(swapped).length === 0 ? {} : { swapped }),
      seed: options.seed ?? 0,
      width: large.shape[2]!,
      height: large.shape[1]!,
      tile: options.tile ?? pack.manifest.tile,
      seconds,
    },
  };
}

async function measured(
  { pack, runner, options }: Work,
  picture: Tensor,
  tiled: Pick<RestoreResult, 'picture'>,
): Promise<TilingError> {
  const tile = options.tile ?? pack.manifest.tile;
  if (Math.max(...tiled.picture.shape) <= tile) return { maximum: 0, rms: 0 };
  const whole = await restorePicture(picture, pack, runner, { ...options, tile: WHOLE });
  return tilingError(tiled.picture, whole.picture);
}
