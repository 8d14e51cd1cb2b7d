import type { TaskName, TrainingKindName } from '../../../training/recipe.js';

/** Entries of a recipe that has not been checked yet. */
export type Entries = Readonly<Record<string, unknown>>;

const common = {
  reductions: [1, 2],
  steps: 12_000,
  batch: 8,
  learningRate: 8e-4,
  warmup: 200,
  average: 0.999,
};

type TaskKind = Exclude<TrainingKindName, 'denoiser'>;

/** A recipe's entries with a compact architecture that a processor trains in an hour or two. */
interface Defaults {
  readonly entries: Entries;
  readonly network: string;
  readonly config: Entries;
}

const compactFusion = {
  network: 'fusion',
  config: { features: 32, growth: 16, unshuffle: 2, residual: true },
};

const denoiser: Defaults = {
  entries: {
    ...common,
    crop: 64,
    loss: 'mse',
    sigma: { minimum: 0.004, maximum: 0.96, law: 'log-uniform' },
  },
  network: 'unshuffled-unet',
  config: {
    unshuffle: 2,
    widths: [48, 80, 128],
    blocks: 2,
    prediction: 'preconditioned',
  },
};

const tasks: Readonly<Record<TaskName, Readonly<Record<TaskKind, Defaults>>>> = {
  sr4: {
    restorer: {
      entries: { ...common, crop: 96, loss: 'l1', scale: 4 },
      network: 'compact-restorer',
      config: { features: 48, blocks: 8 },
    },
    fusion: {
      entries: {
        ...common,
        crop: 96,
        loss: 'mse',
        scale: 4,
        timesteps: { maximum: 250, law: 'log-uniform' },
      },
      ...compactFusion,
    },
  },
  deblur: {
    restorer: {
      // Crops as large as the windows in which the network looks for what blurred an image.
      entries: {
        ...common,
        batch: 4,
        crop: 256,
        learningRate: 5e-4,
        clip: 0.3,
        loss: 'charbonnier',
      },
      network: 'deconvolution-unet',
      config: { widths: [64, 128, 192], blocks: 2, middle: 4 },
    },
    fusion: {
      entries: {
        ...common,
        batch: 2,
        crop: 256,
        loss: 'mse',
        timesteps: { maximum: 60, law: 'log-uniform' },
      },
      ...compactFusion,
    },
  },
  burst: {
    restorer: {
      entries: { ...common, batch: 4, crop: 192, loss: 'l1', scale: 4, burst: { frames: 8 } },
      network: 'compact-burst',
      config: {},
    },
    fusion: {
      entries: {
        ...common,
        crop: 192,
        batch: 4,
        loss: 'mse',
        scale: 4,
        burst: { frames: 8 },
        timesteps: { maximum: 20, law: 'log-uniform' },
      },
      ...compactFusion,
    },
  },
};

function defaultsOf(kind: TrainingKindName, task: unknown): Defaults {
  if (kind === 'denoiser') return denoiser;
  // An unknown task is told of when the recipe is checked.
  return tasks[(task ?? 'sr4') as TaskName]?.[kind] ?? tasks.sr4[kind];
}

/**
 * Completes the entries that a user gave with the defaults of a kind. What belongs together is
 * filled in together: another network does not get the configuration of the default one, nor a
 * step decay the entries of a cosine.
 */
export function completeRecipe(kind: TrainingKindName, given: Entries): Entries {
  const defaults = defaultsOf(kind, given.task);
  const entries: Record<string, unknown> = { ...defaults.entries, ...given, kind };
  for (const group of ['sigma', 'timesteps', 'burst'])
    if (isObject(entries[group]))
      entries[group] = { ...(defaults.entries[group] as object), ...entries[group] };
  if (entries.pairs !== undefined) entries.data ??= entries.pairs;
  return { ...entries, ...completeNetwork(defaults, entries), schedule: completeSchedule(entries) };
}

function completeNetwork(usual: Defaults, { kind, network, config, scale }: Entries): Entries {
  if (network !== undefined && network !== usual.network) return { network, config: config ?? {} };
  const scaled = kind === 'restorer' && scale !== undefined ? { scale } : {};
  return { network: usual.network, config: config ?? { ...scaled, ...usual.config } };
}

function completeSchedule({ schedule = {}, steps }: Entries): unknown {
  if (!isObject(schedule)) return schedule;
  if (schedule.kind === 'step')
    return { factor: 0.5, every: Math.max(1, Math.round(Number(steps) / 5) || 1), ...schedule };
  return { kind: 'cosine', final: 0.01, ...schedule };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
