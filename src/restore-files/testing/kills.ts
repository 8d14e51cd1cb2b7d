import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { alive, childrenOf } from '../../engine/testing/processes.js';
import { writeTestImage } from '../../images/testing/image-files.js';
import { uniformAt } from '../../tensor/random.js';

/** How often a restoration of a folder is killed. */
export interface KillOptions {
  readonly folder: string;
  readonly pack: string;
  readonly kills: number;
  /** Words that start `dp-ir`. */
  readonly program: readonly [string, ...string[]];
  /** Images in the folder. */
  readonly images: number;
  readonly seed?: number;
  /** Ends after so many milliseconds, whatever is left. */
  readonly atMost?: number;
  readonly onKill?: (kills: number) => void;
}

/** What the kills met; whatever should not be is thrown. */
export interface KillResult {
  readonly kills: number;
  /** Which of them were of the program, the others of its engine process. */
  readonly ofParent: number;
  /** Kills that left a file half written, under a hidden name. */
  readonly inWrites: number;
  /** Runs that were not killed, all of which ended in whole folders. */
  readonly wholeRuns: number;
  /** The longest that an engine process outlived its program, in milliseconds. */
  readonly longestOrphan: number;
}

/** An orphan that lives longer, in milliseconds, is an error: far more than a busy machine takes. */
const LONGEST_ORPHAN = 60_000;

/**
 * Restores a folder with `--resume` and kills the program or its engine process at random moments,
 * again and again. After each kill every result has the bytes of a run that nobody killed, or is
 * not there, and no process is left; runs in between that are not killed complete the folder.
 * Linux only.
 * @throws Error for what should not be.
 */
export async function killRestorations(options: KillOptions): Promise<KillResult> {
  const { folder, kills, images, seed = 0, atMost = Number.POSITIVE_INFINITY, onKill } = options;
  const started = performance.now();
  const photos = join(folder, 'photos');
  await mkdir(photos, { recursive: true });
  for (let index = 0; index < images; index += 1)
    await writeTestImage(join(photos, `${index}.png`), 34 + index, 34);
  const reference = join(folder, 'reference');
  const typical = await run(options, reference);
  const expected = await contentOf(reference);
  if (expected.size !== images) throw new Error(`${expected.size} of ${images} results`);

  const results = join(folder, 'results');
  let [done, ofParent, inWrites, wholeRuns, longestOrphan] = [0, 0, 0, 0, 0];
  for (let kill = 0; kill < kills; kill += 1) {
    const isLast = kill + 1 === kills || performance.now() - started > atMost;
    const isParent = uniformAt(seed, 0, kill) < 0.5;
    const moment = typical * uniformAt(seed, 1, kill);
    const { child, killed } = start(options, results);
    await Promise.race([delay(moment), killed]);
    const engines = childrenOf(child.pid!);
    const victim = isParent ? child.pid! : engines[0];
    if (victim !== undefined && alive(victim)) process.kill(victim, 'SIGKILL');
    if (isParent) ofParent += 1;
    await killed;
    longestOrphan = Math.max(longestOrphan, await goneAfter(engines));
    if (await hasHalves(results)) inWrites += 1;
    requireWhole(await contentOf(results), expected);
    done += 1;
    onKill?.(done);
    if (kill % 5 !== 4 && !isLast) continue;
    await run(options, results);
    const content = await contentOf(results);
    requireWhole(content, expected);
    if (content.size !== expected.size)
      throw new Error('a run that nobody killed left results out');
    if (await hasHalves(results)) throw new Error('a run that nobody killed left hidden files');
    wholeRuns += 1;
    await rm(results, { recursive: true });
    if (isLast) break;
  }
  return { kills: done, ofParent, inWrites, wholeRuns, longestOrphan };
}

function start({ folder, pack, program }: KillOptions, results: string) {
  const argv = ['restore', '-i', join(folder, 'photos'), '-o', results, '--model', pack];
  // Regions let files grow while the networks run, so that kills meet unfinished ones.
  argv.push('--resume', '--threads', '1', '--steps', '1', '--region', '132', '--quiet');
  const [command, ...words] = program;
  const child = spawn(command, [...words, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const killed = once(child, 'exit').then(([code]) => ({ code: code as number | null, said }));
  return { child: child as ChildProcess, killed };
}

/** A run that nobody kills, and its milliseconds. */
async function run(options: KillOptions, results: string): Promise<number> {
  const started = performance.now();
  const { code, said } = await start(options, results).killed;
  if (code !== 0) throw new Error(`a run that nobody killed ended with ${code}: ${said}`);
  return performance.now() - started;
}

/** Results by name; hidden files are none. */
async function contentOf(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(folder).catch(() => []);
  const shown = names.filter((name) => !name.startsWith('.'));
  const files = shown.map(async (name) => [name, await readFile(join(folder, name))] as const);
  return new Map(await Promise.all(files));
}

async function hasHalves(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => /\.tmp(\.\w+)?$/.test(name));
}

function requireWhole(
  content: ReadonlyMap<string, Buffer>,
  expected: ReadonlyMap<string, Buffer>,
): void {
  for (const [name, bytes] of content)
    if (expected.get(name)?.equals(bytes) !== true) throw new Error(`${name} is not whole`);
}

/** Milliseconds until processes are gone. */
async function goneAfter(pids: readonly number[]): Promise<number> {
  const started = performance.now();
  while (pids.some(alive)) {
    const passed = performance.now() - started;
    if (passed > LONGEST_ORPHAN) throw new Error(`process ${pids.find(alive)} is an orphan`);
    await delay(10);
  }
  return performance.now() - started;
}
