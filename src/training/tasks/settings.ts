import { z } from 'zod';
import { degradationSchema } from '../../degradation/settings.js';
import { ParameterError } from '../../tensor/errors.js';

export const taskNames = ['sr4', 'deblur'] as const;
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

/** Motion blur from hardly any to strong, with the slight noise of a good exposure. */
const usualBlur: z.input<typeof degradationSchema> = {
  kind: 'motion-blur',
  strength: 'medium',
  path: { minimum: 2, maximum: 40 },
  noise: { shot: { minimum: 1e-5, maximum: 3e-4 }, read: { minimum: 1e-8, maximum: 1e-6 } },
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
