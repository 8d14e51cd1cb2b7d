import { createEngine, type Engine } from '../engine/engine.js';
import { ParameterError } from '../utils/errors.js';
import { findBursts, findImages } from './batch/find-inputs.js';
import { type Target, targetsIn } from './batch/plan-results.js';
import { Batch, type BatchCounts, type BatchEvent } from './batch/restore-all.js';
import { requireKnownOptions } from './options.js';
import type { BurstFilesRequest } from './restore-request.js';

/** How a folder is restored: the options of every image in it, and of the folder. */
export interface FolderOptions extends Omit<BurstFilesRequest, 'reportTiling'> {
  /** Includes subfolders, at the same paths below the output; default false. */
  readonly recursive?: boolean | undefined;
  /** Skips images whose results were made earlier of the same bytes and settings; default false. */
  readonly resume?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives what becomes of each image, as it happens. */
  readonly onEvent?: ((event: BatchEvent) => void) | undefined;
  /** An engine to use and leave open; default: one that ends with the call. */
  readonly engine?: Engine | undefined;
}

/** The result files of a folder, and how many images came to what end. */
export interface RestoredFolder extends BatchCounts {
  readonly targets: readonly Target[];
}

/**
 * Restores the images of a folder, or those of a pattern such as `shots/*.jpg`, into a folder, one
 * after another. An image that fails is counted and reported to `onEvent`; the rest continue. With
 * `task: 'burst'` each folder of RAW frames becomes one image.
 * @param input a folder, a pattern or several of them.
 * @returns counts, and where each result is.
 * @throws InputError where there is no image; ParameterError where two results would be one file;
 * ModelError or EngineError where none of them can be restored; CancelledError.
 * @example
 * const { restored, failed } = await restoreFolder('photos', 'restored', { pack: 'sr4' });
 */
export async function restoreFolder(
  input: string | readonly string[],
  output: string,
  options: FolderOptions = {},
): Promise<RestoredFolder> {
  const { recursive, resume, signal, onEvent, engine: given, ...request } = options;
  const isBurst = request.task === 'burst';
  requireKnownOptions(request, isBurst ? 'burst files' : 'image file');
  if (typeof output !== 'string' || output === '')
    throw new ParameterError('output', 'the name of a folder', output);
  const inputs = typeof input === 'string' ? [input] : input;
  const find = isBurst ? findBursts : findImages;
  const found = await find(inputs, { recursive, exclude: output });
  const targets = await targetsIn(output, found, request);
  const engine = given ?? createEngine();
  try {
    const batch = new Batch(request, { engine, signal, onEvent, records: output, resume });
    for (const target of targets) await batch.restore(target);
    return { ...batch.counts, targets };
  } finally {
    if (given === undefined) await engine.close();
  }
}
