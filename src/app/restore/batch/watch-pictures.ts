import { setTimeout as delay } from 'node:timers/promises';
import { fileState } from '../../../files/fingerprint.js';
import { findPresentBursts, stateOfBurst } from './find-bursts.js';
import { type FindOptions, type FoundPicture, findPresent } from './find-pictures.js';

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
 * The pictures of folders and patterns: those that are there, those that appear, and those that
 * change, each once its file has stayed the same for a while. Ends when the signal is aborted.
 * Folders are looked at again and again, which works on every file system.
 * @throws InputError where a folder cannot be read.
 */
export function watchPictures(
  inputs: readonly string[],
  options: WatchOptions,
): AsyncGenerator<FoundPicture> {
  return watch(
    () => findPresent(inputs, options),
    ({ input }) => fileState(input),
    options,
  );
}

/** The bursts of folders and those below them, as `watchPictures`: again when a frame is added. */
export function watchBursts(
  inputs: readonly string[],
  options: Omit<WatchOptions, keyof FindOptions>,
): AsyncGenerator<FoundPicture> {
  return watch(
    () => findPresentBursts(inputs),
    ({ input }) => stateOfBurst([input]),
    options,
  );
}

async function* watch(
  find: () => Promise<readonly FoundPicture[]>,
  stateOf: (found: FoundPicture) => Promise<string | undefined>,
  { signal, interval = 500, settle = 1500 }: WatchOptions,
): AsyncGenerator<FoundPicture> {
  const seen = new Map<string, Seen>();
  while (!signal.aborted) {
    const found = await find();
    const present = new Set(found.map(({ input }) => input));
    for (const path of seen.keys()) if (!present.has(path)) seen.delete(path);
    for (const picture of found) {
      const state = await stateOf(picture);
      if (state === undefined) continue;
      const before = seen.get(picture.input);
      const time = performance.now();
      if (before?.state !== state) {
        seen.set(picture.input, { state, since: time, isGiven: false });
      } else if (!before.isGiven && time - before.since >= settle) {
        seen.set(picture.input, { ...before, isGiven: true });
        if (signal.aborted) return;
        yield picture;
      }
    }
    await delay(interval, undefined, { signal }).catch(() => undefined);
  }
}
