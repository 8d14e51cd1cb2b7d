import type { TrainingKindName } from '../../training/recipe.js';

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

const kinds: Readonly<Record<TrainingKindName, Entries>> = {
  restorer: { ...common, crop: 96, loss: 'l1', scale: 4 },
  denoiser: {
    ...common,
    crop: 64,
    loss: 'mse',
    sigma: { minimum: 0.004, maximum: 0.96, law: 'log-uniform' },
  },
  fusion: {
    ...common,
    crop: 96,
    loss: 'mse',
    scale: 4,
    timesteps: { maximum: 250, law: 'log-uniform' },
  },
};

/** Compact architectures that a processor trains in an hour or two. */
const networks: Readonly<Record<TrainingKindName, { network: string; config: Entries }>> = {
  restorer: { network: 'compact-restorer', config: { features: 48, blocks: 8 } },
  denoiser: {
    network: 'unshuffled-unet',
    config: { unshuffle: 2, widths: [32, 64, 128], blocks: 2 },
  },
  fusion: {
    network: 'fusion',
    config: { features: 32, growth: 16, unshuffle: 2, residual: true },
  },
};

/**
 * Completes the entries that a user gave with the defaults of a kind. What belongs together is
 * filled in together: another network does not get the configuration of the default one, nor a
 * step decay the entries of a cosine.
 */
export function completeRecipe(kind: TrainingKindName, given: Entries): Entries {
  const entries: Record<string, unknown> = { ...kinds[kind], ...given, kind };
  for (const group of ['sigma', 'timesteps'])
    if (isObject(entries[group]))
      entries[group] = { ...(kinds[kind][group] as object), ...entries[group] };
  return { ...entries, ...completeNetwork(kind, entries), schedule: completeSchedule(entries) };
}

function completeNetwork(kind: TrainingKindName, { network, config, scale }: Entries): Entries {
  const usual = networks[kind];
  if (network !== undefined && network !== usual.network) return { network, config: config ?? {} };
  const scaled = kind === 'restorer' ? { scale } : {};
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
