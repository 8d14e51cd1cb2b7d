import { resolve, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import chokidar from 'chokidar';
import { fileState } from '../../files/digest.js';
import { isPattern } from '../../files/glob.js';
import { isFolder } from '../../files/input-file.js';
import {
  type FindOptions,
  type FoundImage,
  findPresent,
  findPresentBursts,
  splitPattern,
  stateOfBurst,
} from './find-inputs.js';

/** How folders are watched. */
export interface WatchOptions extends FindOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between checks of files that may still be written; default 500. */
  readonly interval?: number | undefined;
  /** Milliseconds for which a file has to stay unchanged; default 1500. */
  readonly settle?: number | undefined;
}

/**
 * Yields the images of folders and patterns: those that are there, those that appear, and those that
 * change, each once its file has stayed unchanged for a while. Ends when the signal is aborted. The
 * system reports changes; every ten seconds folders are read again, for file systems that report none.
 * @throws InputError where a folder cannot be read.
 * @example
 * for await (const { input } of watchImages(['inbox'], { signal })) console.log(input);
 */
export function watchImages(
  inputs: readonly string[],
  options: WatchOptions,
): AsyncGenerator<FoundImage> {
  return watch(
    inputs,
    () => findPresent(inputs, options),
    ({ input }) => fileState(input),
    options,
  );
}

/** Like `watchImages`, for the bursts of folders and their subfolders: again when a frame is added. */
export function watchBursts(
  inputs: readonly string[],
  options: Omit<WatchOptions, keyof FindOptions>,
): AsyncGenerator<FoundImage> {
  return watch(
    inputs,
    () => findPresentBursts(inputs),
    ({ input }) => stateOfBurst([input]),
    { ...options, recursive: true },
  );
}

/** Milliseconds after which folders are read again although no change was reported. */
const RESCAN = 10_000;

/** A file as it was last seen. */
interface Seen {
  readonly state: string;
  readonly since: number;
  readonly isYielded: boolean;
}

async function* watch(
  inputs: readonly string[],
  find: () => Promise<readonly FoundImage[]>,
  stateOf: (found: FoundImage) => Promise<string | undefined>,
  options: WatchOptions,
): AsyncGenerator<FoundImage> {
  const { signal, interval = 500, settle = 1500 } = options;
  const seen = new Map<string, Seen>();
  const changes = await watchChanges(inputs, options);
  try {
    while (!signal.aborted) {
      // Changes during a scan are scanned next.
      const changed = changes.next();
      let isSettled = true;
      const found = await find();
      const present = new Set(found.map(({ input }) => input));
      for (const path of seen.keys()) if (!present.has(path)) seen.delete(path);
      for (const image of found) {
        const state = await stateOf(image);
        if (state === undefined) continue;
        const before = seen.get(image.input);
        const time = performance.now();
        if (before?.state !== state) {
          seen.set(image.input, { state, since: time, isYielded: false });
          isSettled = false;
        } else if (!before.isYielded && time - before.since < settle) {
          isSettled = false;
        } else if (!before.isYielded) {
          seen.set(image.input, { ...before, isYielded: true });
          if (signal.aborted) return;
          yield image;
        }
      }
      const [milliseconds, woken] = isSettled
        ? [RESCAN, AbortSignal.any([signal, changed])]
        : [interval, signal];
      await delay(milliseconds, undefined, { signal: woken }).catch(() => undefined);
    }
  } finally {
    await changes.close();
  }
}

/** Reports that something may have changed below some inputs. */
interface Changes {
  /** A signal that the next change aborts. */
  next(): AbortSignal;
  close(): Promise<void>;
}

async function watchChanges(
  inputs: readonly string[],
  { recursive = false, exclude }: FindOptions,
): Promise<Changes> {
  const roots = await Promise.all(
    inputs.map(async (input) =>
      isPattern(input) && !(await isFolder(input)) ? splitPattern(input).root : input,
    ),
  );
  const isInside = (path: string, folder: string): boolean =>
    resolve(path).startsWith(`${resolve(folder)}${sep}`);
  const excluded = roots.some((root) => exclude !== undefined && isInside(exclude, root))
    ? exclude
    : undefined;
  const watcher = chokidar.watch(roots, {
    ignoreInitial: true,
    // Links may lead round in circles; what they lead to is found by reading folders again.
    followSymlinks: false,
    persistent: false,
    ...(!recursive && !inputs.some(isPattern) && { depth: 0 }),
    ...(excluded !== undefined && { ignored: (path) => isInside(path, excluded) }),
  });
  let next = new AbortController();
  watcher.on('all', () => next.abort());
  // Where the system has no more watches to give, reading folders again has to do.
  watcher.on('error', () => undefined);
  return {
    next: () => {
      next = new AbortController();
      return next.signal;
    },
    close: () => watcher.close(),
  };
}
