import { setTimeout as delay } from 'node:timers/promises';
import { fileState } from '../../../files/fingerprint.js';
import { findPresentBursts, stateOfBurst } from './find-bursts.js';
import { type FindOptions, type FoundImage, findPresent } from './find-pictures.js';

/** How a folder is watched. */
export interface WatchOptions extends FindOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between looks; default 500. */
  readonly interval?: number | undefined;
  /** Milliseconds for which a file has to stay the same; default 1500. */
  readonly settle?: number | undefined;
}

/** A file as it was last seen. */
interface Seen {
  readonly state: string;
  readonly since: number;
  readonly isGiven: boolean;
}

/**
 * The images of folders and patterns: those that are there, those that appear, and those that
 * change, each once its file has stayed the same for a while. Ends when the signal is aborted.
 * Folders are looked at again and again, which works on every file system.
 * @throws InputError where a folder cannot be read.
 */
export function watchImages(
  inputs: readonly string[],
  options: WatchOptions,
): AsyncGenerator<FoundImage> {
  return watch(
    () => findPresent(inputs, options),
    ({ input }) => fileState(input),
    options,
  );
}

/** The bursts of folders and those below them, as `watchImages`: again when a frame is added. */
export function watchBursts(
  inputs: readonly string[],
  options: Omit<WatchOptions, keyof FindOptions>,
): AsyncGenerator<FoundImage> {
  return watch(
    () => findPresentBursts(inputs),
    ({ input }) => stateOfBurst([input]),
    options,
  );
}

async function* watch(
  find: () => Promise<readonly FoundImage[]>,
  stateOf: (found: FoundImage) => Promise<string | undefined>,
  { signal, interval = 500, settle = 1500 }: WatchOptions,
): AsyncGenerator<FoundImage> {
  const seen = new Map<string, Seen>();
  while (!signal.aborted) {
    const found = await find();
    const present = new Set(found.map(({ input }) => input));
    for (const path of seen.keys()) if (!present.has(path)) seen.delete(path);
    for (const image of found) {
      const state = await stateOf(image);
      if (state === undefined) continue;
      const before = seen.get(image.input);
      const time = performance.now();
      if (before?.state !== state) {
        seen.set(image.input, { state, since: time, isGiven: false });
      } else if (!before.isGiven && time - before.since >= settle) {
        seen.set(image.input, { ...before, isGiven: true });
        if (signal.aborted) return;
        yield image;
      }
    }
    await delay(interval, undefined, { signal }).catch(() => undefined);
  }
}
