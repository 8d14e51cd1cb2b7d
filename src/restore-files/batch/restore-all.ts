import { dirname, extname, relative, sep } from 'node:path';
import type { Engine } from '../../engine/engine.js';
import { digestOf, fileDigest, fileState } from '../../files/digest.js';
import type { LockHolder } from '../../files/lock-file.js';
import { makeFolder } from '../../files/output-file.js';
import { copyFileAtomic } from '../../files/write-atomic.js';
import { taskWithInput } from '../../restoration/index.js';
import { CancelledError, DpirError } from '../../utils/errors.js';
import { mostImageBytes } from '../input-image.js';
import { contentOfBurst } from '../read-burst.js';
import { lockResults, restoreBurstLocked, restoreLocked } from '../restore.js';
import type { BurstFilesRequest, RestoreFacts } from '../restore-request.js';
import { listPaths, resultPaths } from '../samples.js';
import type { RestoreUpdate } from '../time-left.js';
import { DoneRecords, describeRestoration } from './done-records.js';
import { stateOfBurst } from './find-inputs.js';
import type { Target } from './plan-results.js';

/** What becomes of the images, as it happens. */
export type BatchEvent =
  | { readonly kind: 'begun'; readonly target: Target }
  | { readonly kind: 'progress'; readonly target: Target; readonly progress: RestoreUpdate }
  | { readonly kind: 'restored'; readonly target: Target; readonly facts: RestoreFacts }
  | { readonly kind: 'skipped'; readonly target: Target; readonly why: SkipReason }
  | { readonly kind: 'failed'; readonly target: Target; readonly error: DpirError };

/** Why an image was not restored: it is already, another file of it is, another process does it. */
export type SkipReason =
  | { readonly reason: 'done' }
  | { readonly reason: 'copied'; readonly from: string }
  | { readonly reason: 'busy'; readonly holder: LockHolder };

/** How images are restored one after another. */
export interface BatchOptions {
  /** Folder in which the results lie, where what they are of is noted; without it, nothing is. */
  readonly records?: string | undefined;
  /** Leaves out what is noted there of the same bytes, modules and settings; default false. */
  readonly resume?: boolean | undefined;
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: BatchEvent) => void) | undefined;
}

/** How many images came to what end. */
export interface BatchCounts {
  readonly restored: number;
  readonly skipped: number;
  readonly failed: number;
}

/**
 * Restores images and bursts into files one after another. One that fails does not stop the others; what
 * concerns all of them does, such as a missing device. An image on which another process works is
 * left to it.
 * @throws CancelledError, and ParameterError, ModelError or EngineError of the request.
 */
export class Batch {
  readonly #request: BurstFilesRequest;
  readonly #options: BatchOptions;
  readonly #records: DoneRecords | undefined;
  readonly #counts = { restored: 0, skipped: 0, failed: 0 };
  #method: Promise<string> | undefined;

  /** @param request scale, frames and reference are of bursts alone. */
  constructor(request: BurstFilesRequest, options: BatchOptions) {
    this.#request = request;
    this.#options = options;
    if (options.records !== undefined) this.#records = new DoneRecords(options.records);
  }

  get counts(): BatchCounts {
    return { ...this.#counts };
  }

  /** Restores an image, or says why not. */
  async restore(target: Target): Promise<void> {
    const { signal } = this.#options;
    if (signal?.aborted) throw new CancelledError(target.input);
    this.#emit({ kind: 'begun', target });
    try {
      const ended = await this.#attempt(target);
      this.#counts[ended.kind] += 1;
      this.#emit(ended);
    } catch (error) {
      const others = this.#counts.restored > 0;
      if (!(error instanceof DpirError && isOfImage(error, others))) throw error;
      this.#counts.failed += 1;
      this.#emit({ kind: 'failed', target, error });
    }
  }

  async #attempt(target: Target): Promise<BatchEvent & { kind: 'restored' | 'skipped' }> {
    if (this.#records !== undefined) await makeFolder(dirname(target.output));
    const attempt = await lockResults(target.output, this.#request);
    if ('holder' in attempt)
      return { kind: 'skipped', target, why: { reason: 'busy', holder: attempt.holder } };
    try {
      const before = await stateOf(target);
      const key = this.#records === undefined ? undefined : await this.#keyOf(target);
      const why = key === undefined ? undefined : await this.#reuse(target, key);
      if (why !== undefined) return { kind: 'skipped', target, why };
      const { signal, engine } = this.#options;
      const call = {
        ...this.#request,
        engine,
        signal,
        onProgress: (progress: RestoreUpdate) => this.#emit({ kind: 'progress', target, progress }),
      };
      const restored = await (target.frames === undefined
        ? restoreLocked(target.input, target.output, call)
        : restoreBurstLocked(target.frames, target.output, call));
      // An image that changed meanwhile may not be what its digest is of.
      const isSame = before !== undefined && before === (await stateOf(target));
      if (key !== undefined && isSame) await this.#records!.add(key, this.#namesOf(target));
      return { kind: 'restored', target, facts: restored };
    } finally {
      await attempt.lock.release();
    }
  }

  /** Finds the result among those that are there, under its own name or another. */
  async #reuse(target: Target, key: string): Promise<SkipReason | undefined> {
    if (this.#options.resume !== true) return undefined;
    const found = await this.#records!.find(key);
    const names = this.#namesOf(target);
    const isOwn = (record: (typeof found)[number]): boolean =>
      record.files.every(({ name }, index) => name === names[index]);
    if (found.some(isOwn)) return { reason: 'done' };
    const [other] = found;
    if (other === undefined || other.files.length !== names.length) return undefined;
    const folder = this.#options.records!;
    const path = (name: string): string => [folder, ...name.split('/')].join(sep);
    for (const [index, { name }] of other.files.entries())
      await copyFileAtomic(path(name), path(names[index]!));
    await this.#records!.add(key, names);
    return { reason: 'copied', from: path(other.files[0]!.name) };
  }

  async #keyOf(target: Target): Promise<string | undefined> {
    // The name of a reference says nothing; its place among the frames is of the content.
    const { reference, task, ...settings } = this.#request;
    const own = target.frames === undefined ? task : (task ?? taskWithInput('burst'));
    this.#method ??= describeRestoration({ ...settings, task: own });
    const method = await this.#method;
    // What cannot be read fails when it is decoded, with better words.
    const { limits, maxPixels } = this.#request;
    const reading = {
      maxBytes: mostImageBytes(limits, maxPixels),
      signal: this.#options.signal,
    };
    const input = await contentOf(target, reference, reading).catch(() => undefined);
    if (reading.signal?.aborted) throw new CancelledError(target.input);
    if (input === undefined) return undefined;
    return digestOf({ method, input, format: extname(target.output).toLowerCase() });
  }

  #namesOf({ output }: Target): string[] {
    const folder = this.#options.records!;
    return listPaths(resultPaths(output, this.#request)).map((path) =>
      relative(folder, path).split(sep).join('/'),
    );
  }

  #emit(event: BatchEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Tells the bytes of an image, or of a burst's files in their order, and which is its reference. */
async function contentOf(
  { input, frames }: Target,
  reference: BurstFilesRequest['reference'],
  reading: NonNullable<Parameters<typeof fileDigest>[1]>,
) {
  if (frames === undefined) return fileDigest(input, reading);
  const { findReference } = await import('../../raw/burst.js');
  const content = await contentOfBurst(frames);
  const files: string[] = [];
  for (const file of content.files) files.push(await fileDigest(file, reading));
  return { files, reference: findReference(content.frames, reference) ?? null };
}

function stateOf({ input, frames }: Target): Promise<string | undefined> {
  return frames === undefined ? fileState(input) : stateOfBurst(frames);
}

/**
 * Whether a failure is that of one image, so that the others are worth trying: of its file, its
 * result or a limit, or the death of the process that worked on it. What else goes wrong is of the
 * call, the model or the device, unless other images went through with these before.
 */
export function isOfImage(error: DpirError, othersWentThrough: boolean): boolean {
  if (error.kind === 'cancelled') return false;
  if (['input', 'output', 'limit'].includes(error.kind)) return true;
  return error.code === 'process-ended' || othersWentThrough;
}
