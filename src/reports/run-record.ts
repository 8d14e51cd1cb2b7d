import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readInputText, unreadableInput } from '../files/input-file.js';
import { trainingCost } from '../training/cost/trial.js';
import type { Recipe } from '../training/recipe.js';
import { LOG_FILE, type TrainingProgress } from '../training/run/log.js';
import { BEST_FILE, loadRun, PREVIEW_FOLDER, WEIGHTS_FILE } from '../training/run/run-folder.js';
import type { ValidationEntry } from '../training/validation/validation.js';
import { DpirError, InputError, ModelError } from '../utils/errors.js';
import { MAX_ARRAY_BYTES } from '../utils/limits.js';

/** An image of what a run could do after a step. */
export interface PreviewFile {
  readonly step: number;
  /** Which of the held-out images it is. */
  readonly index: number;
  readonly path: string;
}

/** A validation with the seconds of training until then. */
export interface TimedValidation extends ValidationEntry {
  readonly seconds: number;
}

/** Everything that a run has left of its course so far. */
export interface RunRecord {
  readonly name: string;
  readonly folder: string;
  readonly progress: readonly TrainingProgress[];
  readonly validations: readonly TimedValidation[];
  readonly warnings: readonly { readonly step: number; readonly warning: string }[];
  /** In the order of steps. */
  readonly previews: readonly PreviewFile[];
  /** Absent until the run has saved its first state. */
  readonly recipe?: Recipe;
  /** What one step costs; absent without a recipe, or where a frozen module is gone. */
  readonly cost?: { readonly parameters: number; readonly macs: number };
  readonly weights: readonly { readonly path: string; readonly bytes: number }[];
}

/**
 * Reads the folder of a run, which may be going on: a last line of the log that is still being
 * written is ignored.
 * @throws InputError where the folder has neither log nor state; ModelError where there are states
 * and none can be read.
 */
export async function readRun(folder: string): Promise<RunRecord> {
  const log = await readLog(folder);
  const saved = await loadRun(folder);
  if (log === undefined && saved === undefined)
    throw new InputError(folder, 'holds no training run', { expected: `${LOG_FILE} or a state` });
  const cost = saved === undefined ? undefined : await costOf(saved.recipe);
  return {
    name: basename(resolve(folder)),
    folder,
    ...parseLog(log ?? ''),
    previews: await previewsOf(folder),
    weights: await weightsOf(folder),
    ...(saved === undefined ? {} : { recipe: saved.recipe }),
    ...(cost === undefined ? {} : { cost }),
  };
}

/**
 * The lines of a log by what they are about. Incomplete lines are ignored, and of steps
 * that were done twice the later line counts.
 */
export function parseLog(text: string): Pick<RunRecord, 'progress' | 'validations' | 'warnings'> {
  const progress = new Map<number, TrainingProgress>();
  const validations = new Map<number, TimedValidation>();
  const warnings: { step: number; warning: string }[] = [];
  let seconds = 0;
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry === undefined) continue;
    if (isNumber(entry.loss) && isNumber(entry.seconds)) {
      seconds = entry.seconds;
      progress.set(entry.step, entry as unknown as TrainingProgress);
    } else if (isNumber((entry.validation as { psnr?: unknown } | undefined)?.psnr))
      validations.set(entry.step, { ...(entry as unknown as ValidationEntry), seconds });
    else if (typeof entry.warning === 'string')
      warnings.push({ step: entry.step, warning: entry.warning });
  }
  return { progress: inOrder(progress), validations: inOrder(validations), warnings };
}

type LogLine = Readonly<Record<string, unknown>> & { readonly step: number };

function parseLine(line: string): LogLine | undefined {
  try {
    const entry = JSON.parse(line) as LogLine | null;
    return isNumber(entry?.step) ? entry! : undefined;
  } catch {
    return undefined;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function inOrder<Entry>(entries: ReadonlyMap<number, Entry>): Entry[] {
  return [...entries].sort(([a], [b]) => a - b).map(([, entry]) => entry);
}

async function readLog(folder: string): Promise<string | undefined> {
  try {
    return await readInputText(join(folder, LOG_FILE), MAX_ARRAY_BYTES);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadableInput(join(folder, LOG_FILE), cause);
  }
}

async function costOf(recipe: Recipe): Promise<RunRecord['cost']> {
  try {
    return await trainingCost(recipe);
  } catch (error) {
    if (error instanceof ModelError || (error instanceof DpirError && error.kind === 'usage'))
      return undefined;
    throw error;
  }
}

async function previewsOf(folder: string): Promise<PreviewFile[]> {
  const names = await readdir(join(folder, PREVIEW_FOLDER)).catch(() => []);
  return names
    .flatMap((name) => {
      const [, step, index] = /^step-(\d+)-(\d+)\.png$/.exec(name) ?? [];
      const path = join(folder, PREVIEW_FOLDER, name);
      return step === undefined ? [] : [{ step: Number(step), index: Number(index), path }];
    })
    .sort((a, b) => a.step - b.step || a.index - b.index);
}

async function weightsOf(folder: string): Promise<{ path: string; bytes: number }[]> {
  const found: { path: string; bytes: number }[] = [];
  for (const name of [WEIGHTS_FILE, BEST_FILE]) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined) found.push({ path, bytes: facts.size });
  }
  return found;
}

/** A point of a curve. */
export interface Point {
  readonly step: number;
  readonly hours: number;
  readonly value: number;
}

/** One quantity over the course of a run. */
export interface Curve {
  readonly run: string;
  /** Index of the run, which decides its colour. */
  readonly index: number;
  /** Drawn faintly, behind the others. */
  readonly faint: boolean;
  readonly points: readonly Point[];
}

/** A quantity of which each run has a curve. */
export interface Quantity {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Whether a logarithmic axis is offered. */
  readonly logarithmic: boolean;
  readonly curves: readonly Curve[];
}

/** Points of a curve that are drawn at most. */
const MOST_POINTS = 800;
/** Points over which losses are smoothed, as a share of all. */
const SMOOTHING = 0.02;

/** What a report shows of some runs; without quantities that no run has. */
export function quantities(runs: readonly RunRecord[]): Quantity[] {
  const curves = (pointsOf: (run: RunRecord) => readonly Point[], faint = false): Curve[] =>
    runs
      .map((run, index) => ({ run: run.name, index, faint, points: thinned(pointsOf(run)) }))
      .filter(({ points }) => points.length > 0);
  const logged =
    (value: (entry: RunRecord['progress'][number]) => number) =>
    ({ progress }: RunRecord): Point[] =>
      progress.map((entry) => ({
        step: entry.step,
        hours: entry.seconds / 3600,
        value: value(entry),
      }));
  const loss = logged((entry) => entry.loss);
  const all: Quantity[] = [
    {
      id: 'loss',
      title: 'Loss',
      unit: '',
      logarithmic: true,
      curves: [...curves(loss, true), ...curves((run) => smoothed(loss(run)))],
    },
    {
      id: 'psnr',
      title: 'Held-out images',
      unit: 'dB',
      logarithmic: false,
      curves: curves(({ validations }) =>
        validations.map(({ step, seconds, validation }) => ({
          step,
          hours: seconds / 3600,
          value: validation.psnr,
        })),
      ),
    },
    {
      id: 'learning-rate',
      title: 'Learning rate',
      unit: '',
      logarithmic: true,
      curves: curves(logged((entry) => entry.learningRate)),
    },
    {
      id: 'speed',
      title: 'Patches per second',
      unit: '/s',
      logarithmic: false,
      curves: curves(logged((entry) => entry.samplesPerSecond)),
    },
    {
      id: 'idle',
      title: 'Share of time waiting for data',
      unit: '%',
      logarithmic: false,
      curves: curves(logged((entry) => 100 * entry.batchShare)),
    },
  ];
  return all.filter((quantity) => quantity.curves.length > 0);
}

/**
 * The exponential moving average of a curve, corrected for its beginning: point k is the mean of
 * points 1..k with weights that fall by a constant factor from the newest on.
 * @param window points that count, roughly; by default a share of all.
 */
export function smoothed(
  points: readonly Point[],
  window = Math.max(1, points.length * SMOOTHING),
): Point[] {
  const keep = 1 - 1 / window;
  let sum = 0;
  let weight = 0;
  return points.map((point) => {
    sum = keep * sum + point.value;
    weight = keep * weight + 1;
    return { ...point, value: sum / weight };
  });
}

/** At most some hundred points: means of equally many neighbours, at the step of the last. */
export function thinned(points: readonly Point[], most = MOST_POINTS): Point[] {
  const every = Math.ceil(points.length / most);
  if (every <= 1) return [...points];
  const means: Point[] = [];
  for (let start = 0; start < points.length; start += every) {
    const group = points.slice(start, start + every);
    const value = group.reduce((sum, point) => sum + point.value, 0) / group.length;
    means.push({ ...group.at(-1)!, value });
  }
  return means;
}
