import { z } from 'zod';
import { ParameterError } from '../tensor/errors.js';

const lawSchema = z.enum(['uniform', 'log-uniform']);

const scheduleSchema = z.discriminatedUnion('kind', [
  /** From the learning rate to `final` times it along half a cosine. */
  z.strictObject({ kind: z.literal('cosine'), final: z.number().min(0).max(1).default(0.01) }),
  /** Times `factor` after every `every` steps. */
  z.strictObject({
    kind: z.literal('step'),
    factor: z.number().gt(0).max(1),
    every: z.int().min(1),
  }),
]);

/** What every training run is described by. */
const commonSchema = z.strictObject({
  /** Folder of photographs. */
  data: z.string().min(1),
  /** Each photograph is also used reduced by these factors; 1 is the photograph itself. */
  reductions: z.array(z.int().min(1).max(8)).min(1).default([1]),
  seed: z.int().min(0).default(0),
  steps: z.int().min(1),
  batch: z.int().min(1),
  /** Side of the square crops, in pixels of the full resolution. */
  crop: z.int().min(8),
  learningRate: z.number().gt(0),
  schedule: scheduleSchema,
  /** Steps over which the learning rate grows from 0. */
  warmup: z.int().min(0).default(0),
  /** Decay of the moving average of the weights that is kept as the result. */
  average: z.number().min(0).lt(1).default(0.999),
  loss: z.enum(['mse', 'l1', 'charbonnier']),
  network: z.string().min(1),
  config: z.record(z.string(), z.unknown()),
});

const restorerSchema = commonSchema.extend({
  kind: z.literal('restorer'),
  /** Reduction of the input by antialiased bicubic interpolation, rounded to 8 bits. */
  scale: z.int().min(2).max(8).default(4),
});

const denoiserSchema = commonSchema.extend({
  kind: z.literal('denoiser'),
  /** Standard deviations of the noise, in [0, 1] units. */
  sigma: z.strictObject({
    minimum: z.number().min(0),
    maximum: z.number().gt(0),
    law: lawSchema,
  }),
});

const fusionSchema = commonSchema.extend({
  kind: z.literal('fusion'),
  scale: z.int().min(2).max(8).default(4),
  /** Files of the frozen modules. */
  restorer: z.string().min(1),
  denoiser: z.string().min(1),
  /** Timesteps are drawn from 1 to `maximum`. */
  timesteps: z.strictObject({ maximum: z.int().min(1).max(1000), law: lawSchema }),
});

const recipeSchema = z.discriminatedUnion('kind', [restorerSchema, denoiserSchema, fusionSchema]);

export type Recipe = z.infer<typeof recipeSchema>;
export type RestorerRecipe = z.infer<typeof restorerSchema>;
export type DenoiserRecipe = z.infer<typeof denoiserSchema>;
export type FusionRecipe = z.infer<typeof fusionSchema>;
export type TrainingKindName = Recipe['kind'];

/**
 * A recipe, checked and completed.
 * @throws ParameterError that names the first entry at fault.
 */
export function parseRecipe(json: unknown): Recipe {
  const result = recipeSchema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const received = path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    json,
  );
  const expected = message.replace(/^[^:]*: expected /, '').replace(/, received .*$/, '');
  throw new ParameterError(['recipe', ...path].join('.'), expected, received);
}
