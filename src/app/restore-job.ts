import { resizeBicubic } from '../degradation/bicubic.js';
import type { DeviceReport } from '../engine/contract.js';
import type { JobContext } from '../engine/process/job.js';
import { decodeImage } from '../image/decode.js';
import { writeImage } from '../image/encode.js';
import {
  type Pack,
  type RestoreOptions,
  type RestoreResult,
  restorePicture,
} from '../restoration/index.js';
import { LimitError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { loadPack } from './load-pack.js';
import { type TilingError, tilingError } from './tiling-error.js';

/** What crosses to the engine process: `RestoreOptions` that survive a structured clone. */
export interface RestoreRequest
  extends Omit<RestoreOptions, 'onProgress' | 'onStep' | 'featureBytes'> {
  /** Folder of a pack, or the name of a shipped one; default `sr4`. */
  readonly pack?: string | undefined;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  /** Most pixels of the result; default 2^26. */
  readonly maxPixels?: number | undefined;
  /** Restores a second time in one tile and measures the difference. */
  readonly reportTiling?: boolean | undefined;
}

/** What a restoration reports besides its pixels. */
export interface RestoreFacts extends Pick<RestoreResult, 'settings' | 'beyondTraining' | 'nfe'> {
  readonly pack: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly tile: number;
  readonly tiles: number;
  readonly device: DeviceReport;
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
  const pack = await loadPack(request.pack ?? DEFAULT_PACK);
  const { result, facts } = await restored(context, picture, pack, request);
  return { ...facts, picture: result.picture, restored: result.restored };
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
  const pack = await loadPack(request.pack ?? DEFAULT_PACK);
  const decoded = await decodeImage(input);
  const { result, facts } = await restored(context, decoded.tensor, pack, request);
  const { alpha, tensor: _small, ...kept } = decoded;
  await writeImage(output, {
    ...kept,
    tensor: result.picture,
    ...(alpha === undefined ? {} : { alpha: enlargedAlpha(alpha, pack.manifest.scale) }),
  });
  return facts;
}

async function restored(
  context: JobContext,
  picture: Tensor,
  pack: Pack,
  request: RestoreRequest,
): Promise<{ result: RestoreResult; facts: RestoreFacts }> {
  const { device, threads, maxPixels = DEFAULT_MAX_PIXELS, reportTiling, ...options } = request;
  const [, height, width] = picture.shape as [number, number, number];
  const pixels = height * width * pack.manifest.scale ** 2;
  if (pixels > maxPixels)
    throw new LimitError('picture', `the result would have ${pixels} pixels`, {
      expected: `at most ${maxPixels}; raise maxPixels for more`,
      received: `${width}x${height}, enlarged ${pack.manifest.scale} times`,
    });
  const runner = await context.runner({
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  const started = performance.now();
  const result = await restorePicture(picture, pack, runner, {
    ...options,
    onProgress: (progress) => context.progress(progress),
  });
  const seconds = (performance.now() - started) / 1000;
  const facts: RestoreFacts = {
    pack: pack.manifest.name,
    seed: options.seed ?? 0,
    width: result.picture.shape[2]!,
    height: result.picture.shape[1]!,
    settings: result.settings,
    beyondTraining: result.beyondTraining,
    nfe: result.nfe,
    tile: options.tile ?? pack.manifest.tile,
    tiles: result.tiles,
    device: result.device,
    seconds,
  };
  if (reportTiling !== true) return { result, facts };
  const whole = await restorePicture(picture, pack, runner, { ...options, tile: WHOLE });
  return { result, facts: { ...facts, tiling: tilingError(result.picture, whole.picture) } };
}

function enlargedAlpha(alpha: Tensor, scale: number): Tensor {
  const large = resizeBicubic(alpha, { scale });
  return tensor(
    large.shape,
    large.data.map((value) => Math.min(1, Math.max(0, value))),
  );
}
