import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../files/digest.js';
import { takeLock } from '../../files/lock-file.js';
import { makeFolder } from '../../files/output-file.js';
import { LimitError, OutputError } from '../../utils/errors.js';
import { type Photographs, sourceFiles } from '../photographs/photographs.js';
import type { FusionRecipe } from '../recipe.js';
import { cropSettings } from '../tasks/index.js';
import { photographedSample } from '../tasks/samples.js';
import type { TrainingTask } from '../tasks/task.js';
import { type CacheContent, cacheFileBytes, openCacheFile } from './cache-file.js';
import type { RestorerSession } from './frozen-restorer.js';

/** Changes whenever the same recipe makes other crops. */
const VERSION = 1;
const FOLDER = 'restored';
const EXTENSION = '.crops';

/** Where the restored crops of a recipe lie. */
export interface CacheLocation {
  readonly folder: string;
  /** Of the whole file; it is made under another name. */
  readonly path: string;
  readonly content: CacheContent;
}

/** Whether the restored crops of a recipe are kept. */
export function usesCropCache(recipe: FusionRecipe): boolean {
  return recipe.cache.samples > 0;
}

/**
 * The place of a recipe's restored crops. Its name is a digest of all that these depend on: the
 * restorer's weights, the task and its settings, crops and seed, and the photographs by name, size
 * and time.
 * @param restorer SHA-256 of the restorer's file.
 * @param output folder of the run; the default place of the cache.
 * @throws InputError where there are no photographs.
 */
export async function locateCache(
  recipe: FusionRecipe,
  restorer: string,
  {
    output,
    cache = join(output, FOLDER),
  }: { readonly output: string; readonly cache?: string | undefined },
): Promise<CacheLocation> {
  const { crop, cache: settings } = recipe;
  const facts = [VERSION, restorer, settingsOf(recipe), await identityOf(recipe)];
  const key = sha256Of(JSON.stringify(facts));
  return {
    folder: cache,
    path: join(cache, `${key.slice(0, 32)}${EXTENSION}`),
    content: { key, count: settings.samples, crop },
  };
}

/** Whether a name is that of a whole or unfinished file of restored crops. */
function isCacheFileName(name: string): boolean {
  return /^[0-9a-f]{32}\.crops(\.part)?$/.test(name);
}

/** All settings that the crops depend on, in an order that must not change. */
function settingsOf(recipe: FusionRecipe): object {
  const { crop, seed, reductions, cache } = recipe;
  return { crop, seed, reductions, samples: cache.samples, ...cropSettings(recipe) };
}

async function identityOf(recipe: FusionRecipe): Promise<unknown[]> {
  const { files, degraded = [] } = await sourceFiles(recipe);
  const facts: unknown[] = [];
  for (const file of [...files, ...degraded]) {
    // One that has gone is told of when it is met.
    const { size, mtimeMs } = await stat(file).catch(() => ({ size: -1, mtimeMs: 0 }));
    facts.push([file, size, mtimeMs]);
  }
  return facts;
}

/** Bytes of restored crops that a folder holds at most by default: 8 GiB. */
const USUAL_CACHE_BYTES = 8 * 2 ** 30;
/** Crops are drawn as steps of so many samples. */
const SAMPLES_PER_STEP = 1024;

/** What cached crops are made of. */
export interface CropSource {
  readonly recipe: FusionRecipe;
  readonly task: TrainingTask;
  readonly photographs: Photographs;
  /** Called where there is something to restore. */
  readonly openRestorer: () => Promise<RestorerSession>;
}

/** How a cache file is filled. */
export interface FillOptions {
  /** Most bytes of the folder. */
  readonly limit?: number;
  /** Called between crops; what it throws ends the work, which can be taken up again. */
  readonly checkpoint: () => Promise<void>;
  /** Receives how many crops are there. */
  readonly onCrop?: (done: number, count: number) => void;
}

/**
 * Makes the restored crops of a recipe, those that are not there yet or are damaged. Every crop is
 * a function of the recipe's seed and its number alone. The file has its name once all are there;
 * older files of the folder make room for it.
 * @throws LimitError where the crops take more than the limit; OutputError where the folder cannot
 * be written or another process makes the same crops; InputError for photographs.
 */
export async function fillCropCache(
  place: CacheLocation,
  source: CropSource,
  options: FillOptions,
): Promise<void> {
  const { limit = USUAL_CACHE_BYTES } = options;
  const bytes = cacheFileBytes(place.content);
  if (bytes > limit)
    throw new LimitError(
      'cache',
      `${place.content.count} restored crops take ${bytes} bytes and may take ${limit}; lower cache.samples or raise the limit`,
      { expected: `at most ${limit} bytes`, received: String(bytes) },
    );
  await makeFolder(place.folder);
  const attempt = await takeLock(lockOf(place.path));
  if ('holder' in attempt)
    throw new OutputError(
      place.path,
      `is being made by process ${attempt.holder.pid}; wait for it`,
    );
  try {
    await makeRoom(place, limit - bytes);
    await completeCache(place, source, options);
  } finally {
    await attempt.lock.release();
  }
}

async function completeCache(
  { path, content }: CacheLocation,
  source: CropSource,
  { checkpoint, onCrop }: FillOptions,
): Promise<void> {
  const unfinished = `${path}.part`;
  if (await isWhole(path, content)) return;
  if (await exists(path)) await rename(path, unfinished);
  const file = await openCacheFile(unfinished, content);
  try {
    const missing = await file.missing();
    const before = content.count - missing.length;
    const restorer = await source.openRestorer();
    for (const [done, index] of missing.entries()) {
      onCrop?.(before + done, content.count);
      await checkpoint();
      await file.write(index, await restorer.restore(await drawCrop(source, index)));
    }
    onCrop?.(content.count, content.count);
    await file.finish();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}

/** Whether a file holds all crops, which other runs may be reading; it counts as used now. */
async function isWhole(path: string, content: CacheContent): Promise<boolean> {
  if (!(await exists(path))) return false;
  const file = await openCacheFile(path, content);
  try {
    if ((await file.missing()).length > 0) return false;
  } finally {
    await file.close();
  }
  await utimes(path, new Date(), new Date());
  return true;
}

function drawCrop({ recipe, task, photographs }: CropSource, index: number) {
  const step = 1 + Math.floor(index / SAMPLES_PER_STEP);
  const place = { seed: recipe.seed, step, sample: index % SAMPLES_PER_STEP };
  return photographedSample(task, photographs, place, recipe.crop);
}

/** Removes the files of other crops that were not used for longest, until the rest is small enough. */
async function makeRoom({ folder, path }: CacheLocation, most: number): Promise<void> {
  const own = [path, `${path}.part`];
  const others: { file: string; size: number; used: number }[] = [];
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (!isCacheFileName(name) || own.includes(file)) continue;
    const { size, mtimeMs } = await stat(file);
    others.push({ file, size, used: mtimeMs });
  }
  let bytes = others.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of others.sort((a, b) => a.used - b.used)) {
    if (bytes <= most) return;
    // One that is being made is left alone.
    const attempt = await takeLock(lockOf(file));
    if ('holder' in attempt) continue;
    await rm(file, { force: true });
    await attempt.lock.release();
    bytes -= size;
  }
}

function lockOf(file: string): string {
  return `${file.replace(/\.part$/, '')}.lock`;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
