import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { build } from 'esbuild';
import { uniformAt } from '../src/tensor/random.js';
import type { Recipe } from '../src/training/recipe.js';
import {
  BEST_FILE,
  loadRun,
  PREVIEW_FOLDER,
  WEIGHTS_FILE,
} from '../src/training/run/run-folder.js';
import { writeTestImages } from '../src/training/testing/images.js';
import { denoiserRecipe, restorerRecipe } from '../src/training/testing/recipes.js';
import { contentOf } from '../src/training/testing/runs.js';
import { decodeModule } from '../src/weights/module-file.js';

/**
 * Kills small training runs with SIGKILL at random moments and resumes them, until they end; checks
 * after every kill that all saved files read, that every resume succeeds, and that every run ends
 * in the bits, scores and best weights of one that nobody killed.
 *
 *     npx tsx bench/kill-training.ts --kills 1000 --minutes 20
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '0' },
    /** Runs that are killed at the same time. */
    parallel: { type: 'string', default: '1' },
  },
});
const kills = Number(values.kills);
const end = performance.now() + Number(values.minutes) * 60_000;
const seed = Number(values.seed);

const counts = { kills: 0, beforeTraining: 0, inWrites: 0, resumes: 0, runs: 0 };
/** Unfinished files of earlier kills. */
const seen = new Set<string>();
const started = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-kill-'));
const worker = await bundledWorker();
await mkdir(join(folder, 'data'));
const data = await writeTestImages(join(folder, 'data'), [
  [60, 44],
  [40, 70],
]);
const common = { steps: 24, keep: 2, validation: { data, every: 5, images: 2, previews: 1 } };
const recipes = [
  restorerRecipe(data, common),
  denoiserRecipe(data, { ...common, accumulate: 2, clip: 0.1, weightDecay: 0.01, keep: 3 }),
  restorerRecipe(data, { ...common, keep: 1, freeze: ['head.*'] }),
];

const references = await Promise.all(recipes.map((recipe) => uninterrupted(recipe)));
console.log(`${references.length} uninterrupted runs done; killing`);
const lanes = Array.from({ length: Number(values.parallel) }, (_, lane) => killRuns(lane));
await Promise.all(lanes);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `${counts.kills} kills in ${seconds} s: ${counts.beforeTraining} before the first step of a sitting, ` +
    `${counts.inWrites} in the middle of a write; ${counts.resumes} resumes, all successful; ` +
    `${counts.runs} runs ended, all in the bits of uninterrupted ones`,
);
await rm(folder, { recursive: true });

/** Kills one run after the other until there were enough. */
async function killRuns(lane: number): Promise<void> {
  for (let run = 0; counts.kills < kills && performance.now() < end; run += 1) {
    const which = (run + lane) % recipes.length;
    const output = join(folder, `lane-${lane}-run-${run}`);
    await killUntilDone(recipes[which]!, output);
    const ended = await resultOf(output);
    if (!isDeepStrictEqual(ended, references[which]))
      throw new Error(`${output}: ends in other bits than an uninterrupted run`);
    counts.runs += 1;
    await rm(output, { recursive: true });
  }
}

async function killUntilDone(recipe: Recipe, output: string): Promise<void> {
  for (let sitting = 0; ; sitting += 1) {
    const before = (await loadRun(output))?.step;
    if (before !== undefined) counts.resumes += 1;
    const draw = (index: number): number => uniformAt(seed, counts.kills, sitting * 4 + index);
    const enough = counts.kills >= kills || performance.now() > end;
    // One kill in four comes while the program still starts, the others within some steps.
    const early = !enough && draw(0) < 0.25;
    const wait = enough ? Number.POSITIVE_INFINITY : draw(1) * (early ? 700 : 300);
    const outcome = await sit(recipe, output, { early, wait });
    if (outcome === 'done') return;
    counts.kills += 1;
    if (outcome === 'before') counts.beforeTraining += 1;
    await requireReadable(output, before);
    if (counts.kills % 50 === 0) console.log(`${counts.kills} kills, ${counts.runs} runs ended`);
  }
}

/** Lets the worker go on until it is killed or done. */
async function sit(
  recipe: Recipe,
  output: string,
  { early, wait }: { readonly early: boolean; readonly wait: number },
): Promise<'before' | 'training' | 'done'> {
  const child = spawn(process.execPath, [worker, JSON.stringify(recipe), output], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
  });
  const exit: Promise<[number | null, string | null]> = new Promise((resolve) =>
    child.once('exit', (...ending) => resolve(ending)),
  );
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const course = { training: false };
  const begun = new Promise<void>((resolve) =>
    child.stdout.once('data', () => {
      course.training = true;
      resolve();
    }),
  );
  if (!early) await Promise.race([begun, exit]);
  if (Number.isFinite(wait)) await Promise.race([delay(wait), exit]);
  else await exit;
  child.kill('SIGKILL');
  const [code, signal] = await exit;
  if (signal === 'SIGKILL' && complaint === '') return course.training ? 'training' : 'before';
  if (code === 0 && complaint === '') return 'done';
  throw new Error(`${output}: a sitting failed with ${code ?? signal}: ${complaint}`);
}

async function namesIn(place: string): Promise<string[]> {
  try {
    return await readdir(place);
  } catch {
    return [];
  }
}

/** Everything with a final name reads, and no saved step is lost. */
async function requireReadable(output: string, before: number | undefined): Promise<void> {
  const names = await namesIn(output);
  const previews = await namesIn(join(output, PREVIEW_FOLDER));
  const halves = [...names, ...previews].filter((name) => name.endsWith('.tmp') && !seen.has(name));
  for (const name of halves) seen.add(name);
  if (halves.length > 0) counts.inWrites += 1;
  const saved = await loadRun(output);
  if (saved !== undefined && saved.damaged.length > 0)
    throw new Error(`${saved.damaged[0]}: unreadable after a kill`);
  if (before !== undefined && !(saved !== undefined && saved.step >= before))
    throw new Error(`${output}: had step ${before} saved, has ${saved?.step}`);
  for (const name of [WEIGHTS_FILE, BEST_FILE])
    if (names.includes(name)) decodeModule(await readFile(join(output, name)), name);
}

async function uninterrupted(recipe: Recipe): Promise<object> {
  const output = await mkdtemp(join(folder, 'whole-'));
  const patience = { early: false, wait: Number.POSITIVE_INFINITY };
  if ((await sit(recipe, output, patience)) !== 'done') throw new Error('the reference failed');
  return resultOf(output);
}

/** All of a run that must not depend on how often it was killed. */
async function resultOf(output: string): Promise<object> {
  const log = await readFile(join(output, 'log.jsonl'), 'utf8');
  const lines = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const previews = join(output, PREVIEW_FOLDER);
  const names = (await readdir(previews)).sort();
  return {
    content: await contentOf(output),
    losses: lines.filter((line) => 'loss' in line).map(({ step, loss }) => [step, loss]),
    scores: lines.filter((line) => 'validation' in line),
    best: (await readFile(join(output, BEST_FILE))).toString('base64'),
    previews: await Promise.all(
      names.map(async (name) => [name, (await readFile(join(previews, name))).toString('base64')]),
    ),
    files: (await readdir(output)).sort(),
  };
}

/** The worker as one JavaScript file, which starts several times faster than its sources. */
async function bundledWorker(): Promise<string> {
  // Inside the project, so that it finds the packages that are not bundled.
  const place = join(import.meta.dirname, '../node_modules/.cache/dp-ir');
  await mkdir(place, { recursive: true });
  const outfile = join(place, `kill-training-worker-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'kill-training-worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    external: ['onnxruntime-node', 'sharp'],
    outfile,
  });
  process.once('exit', () => rmSync(outfile, { force: true }));
  return outfile;
}
