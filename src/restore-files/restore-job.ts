import type { JobContext } from '../engine/job.js';
import { joinDegraded, joinImage } from '../restoration/index.js';
import type { Tensor } from '../tensor/tensor.js';
import { LimitError } from '../utils/errors.js';
import { openImageFile, STREAMED_PIXELS } from './input-image.js';
import type { RestoreFacts, RestoreRequest } from './restore-request.js';
import { prepare, requireResultSize, type Work } from './restore-session.js';
import { ResultFiles } from './result-file.js';
import { type RestoredHere, restoreHere, restoreInto } from './run-restoration.js';

/** Restores pixels that the caller holds. */
export async function restoreImageJob(
  context: JobContext,
  { image, ...request }: RestoreRequest & { readonly image: Tensor },
): Promise<RestoreFacts & Omit<RestoredHere, 'facts'>> {
  const work = await prepare(context, request);
  const [, height = 0, width = 0] = image.shape;
  const { scale } = work.pack.manifest;
  requireResultSize('image', { width, height }, { scale, maxPixels: work.maxPixels });
  const { facts, ...result } = await restoreHere(work, joinImage(image, work.pack));
  return { ...facts, ...result };
}

/** Decodes, restores and writes an image; depth, profile, EXIF, XMP and alpha are kept. */
export async function restoreFileJob(
  context: JobContext,
  { input, output, ...request }: FileRequest,
): Promise<RestoreFacts> {
  const work = await prepare(context, request);
  return restoreOpened(work, { input, output, ...request }, heldPixels(work.options.memory));
}

type FileRequest = RestoreRequest & { readonly input: string; readonly output: string };

/** @param streamed pixels of the largest image that is held in memory, if there is enough of it. */
async function restoreOpened(
  work: Work,
  request: FileRequest,
  streamed: number,
): Promise<RestoreFacts> {
  const limit = { scale: work.pack.manifest.scale, maxPixels: work.maxPixels };
  const { strip, limits } = request;
  const {
    input: degraded,
    result,
    close,
  } = await openImageFile(request.input, request.output, limit, { strip, limits, streamed });
  try {
    return await restoreInto(
      work,
      joinDegraded(degraded, work.pack),
      new ResultFiles(result, request),
    );
  } catch (error) {
    const isOfMemory = error instanceof LimitError && error.subject === 'memory';
    if (!isOfMemory || degraded.heldBytes === undefined) throw error;
  } finally {
    await close();
  }
  return restoreOpened(work, request, 0);
}

/** Pixels of an input that may lie in memory: with twelve bytes each, an eighth of what is allowed. */
function heldPixels(memory: number | undefined): number {
  return Math.min(STREAMED_PIXELS, (memory ?? Number.POSITIVE_INFINITY) / (8 * 12));
}
