import { z } from 'zod';
import { degradationSchema } from '../../degradation/settings.js';
import { ParameterError } from '../../tensor/errors.js';

export const taskNames = ['sr4', 'deblur', 'burst'] as const;
export type TaskName = (typeof taskNames)[number];

const scaleSchema = z.int().min(1).max(8).default(4);

/** Entries of a recipe for super-resolution. */
export const superResolutionEntries = {
  task: z.literal('sr4'),
  /** Reduction of the input by antialiased bicubic interpolation, rounded to 8 bits. */
  scale: scaleSchema,
};

/** Entries of a recipe for deblurring: one of the two. */
export const deblurringEntries = {
  task: z.literal('deblur'),
  /** What blurs the photographs. */
  degradation: degradationSchema.optional(),
  /** Folder of blurred and sharp pictures in pairs, which take the place of `data`. */
  pairs: z.string().min(1).optional(),
};

const burstSchema = z.strictObject({
  /** Exposures, the reference among them. */
  frames: z.int().min(1).max(64).default(14),
  /** Largest shift along each axis, in pixels of the photograph. */
  maxTranslation: z.number().min(0).max(128).default(24),
  /** Largest turn in degrees. */
  maxRotation: z.number().min(0).max(10).default(1),
  /** Whether sensor noise is added. */
  noise: z.boolean().default(true),
});

export type BurstSettings = z.infer<typeof burstSchema>;

/** Entries of a recipe for bursts; the defaults are those of the public protocol. */
export const burstEntries = {
  task: z.literal('burst'),
  /** Pixels of the photograph per pixel of a frame. */
  scale: scaleSchema,
  burst: burstSchema.default(() => burstSchema.parse({})),
};

/** Entries about the loss of a burst network. */
export const burstLossEntries = {
  /** Weight of the mean absolute error of the flow that a network finds, in pixels of the mosaic. */
  flowWeight: z.number().min(0).default(0.05),
  /** Whether linear values are compared, or about as they look in the end: their square roots. */
  lossSpace: z.enum(['linear', 'square-root']).default('square-root'),
};

const poolSchema = z.strictObject({
  /** Crops that are drawn and restored once and kept on disk; 0 restores every step's own anew. */
  samples: z.int().min(0).max(1_000_000),
});

/**
 * An entry of a fusion recipe: the restored crops that are kept.
 * @param samples where nothing is said.
 */
export function cacheEntry(samples: number) {
  return { cache: poolSchema.default({ samples }) };
}

/** Motion blur of a hand-held camera, with noise from less than 8 bits show to that of shade. */
const usualBlur: z.input<typeof degradationSchema> = {
  kind: 'motion-blur',
  strength: 'medium',
  noise: { shot: { minimum: 1e-8, maximum: 2e-4 }, read: { minimum: 1e-10, maximum: 1e-6 } },
};

/**
 * A recipe as a file has it, with the entries whose defaults depend on others. What is no object
 * comes back as it is.
 * @throws ParameterError for an unknown task, and where blur is given in two ways.
 */
export function withTask(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const entries = json as Readonly<Record<string, unknown>>;
  if (entries.kind !== 'restorer' && entries.kind !== 'fusion') return json;
  const { task = 'sr4', data, pairs, degradation } = entries;
  if (!taskNames.includes(task as TaskName))
    throw new ParameterError('recipe.task', `one of ${taskNames.join(', ')}`, task);
  if (task !== 'deblur') return { ...entries, task };
  if (pairs === undefined) return { ...entries, task, degradation: degradation ?? usualBlur };
  if (degradation !== undefined)
    throw new ParameterError('recipe.degradation', 'nothing beside pairs', degradation);
  return { ...entries, task, data: data ?? pairs };
}
