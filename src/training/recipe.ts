import { z } from 'zod';
import { degradationSchema } from '../degradation/settings.js';
import { ParameterError } from '../utils/errors.js';
import { checkSchema, valueAt } from '../utils/schema.js';

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
  /** Folder of blurred and sharp images in pairs, which take the place of `data`. */
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

const lawSchema = z.enum(['uniform', 'log-uniform']);
const levelWeightSchema = z.enum(['expected-error', 'edm', 'none']);
/** Far beyond what is of use: memory sets the bounds. */
const LARGEST_BATCH = 2 ** 16;
const LARGEST_CROP = 2 ** 14;
const timestepSchema = z.int().min(1).max(1000);

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

/** Images apart from those trained on, by which a run is judged. */
const validationSchema = z.strictObject({
  /** Folder of photographs; the first by name are taken. */
  data: z.string().min(1),
  /** Steps between two validations; there is one after the last step too. */
  every: z.int().min(1).default(1000),
  images: z.int().min(1).default(8),
  /** Side of the centre crops in pixels; the recipe's crop where absent. */
  crop: z.int().min(8).max(LARGEST_CROP).optional(),
  /** Of the noise. */
  seed: z.int().min(0).default(0),
  /** Images of which previews are kept. */
  previews: z.int().min(0).default(2),
});

const adamSchema = z.strictObject({
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().gt(0).default(1e-8),
});

/** What every training run is described by. */
const commonSchema = z.strictObject({
  /** Folder of photographs. */
  data: z.string().min(1),
  /** Each photograph is also used reduced by these factors; 1 is the photograph itself. */
  reductions: z.array(z.int().min(1).max(8)).min(1).default([1]),
  seed: z.int().min(0).default(0),
  steps: z.int().min(1),
  /** Crops that are computed with at once. */
  batch: z.int().min(1).max(LARGEST_BATCH),
  /** Batches whose mean gradient one step follows: as one batch so many times as large. */
  accumulate: z.int().min(1).default(1),
  /** Side of the square crops, in pixels of the full resolution. */
  crop: z.int().min(8).max(LARGEST_CROP),
  learningRate: z.number().gt(0),
  schedule: scheduleSchema,
  /** Steps over which the learning rate grows from 0. */
  warmup: z.int().min(0).default(0),
  /** Decay of the moving average of the weights that is kept as the result. */
  average: z.number().min(0).lt(1).default(0.999),
  loss: z.enum(['mse', 'l1', 'charbonnier']),
  /** Weight of the added mean absolute difference of Laplacians. */
  edge: z.number().min(0).default(0),
  /** Weight of the added mean absolute difference of the spectra of 8x8 blocks. */
  frequency: z.number().min(0).default(0),
  adam: adamSchema.default(() => adamSchema.parse({})),
  /** Largest norm of all gradients together; longer ones are shortened to it. */
  clip: z.number().gt(0).optional(),
  /** Decoupled decay: a step takes learning rate x this x the parameter away (AdamW). */
  weightDecay: z.number().min(0).default(0),
  /** Parameters that stay as they are, by name; * stands for any characters. */
  freeze: z.array(z.string().min(1)).default([]),
  /**
   * Module file to start from: of the same network, its configuration as long as shapes agree, or
   * of one that the network is built around, all of whose parameters it has too.
   */
  from: z.string().min(1).optional(),
  /** States kept: the newest, and so many less one before it. */
  keep: z.int().min(1).default(1),
  validation: validationSchema.optional(),
  network: z.string().min(1),
  config: z.record(z.string(), z.unknown()),
});

const restorerEntries = commonSchema.extend({ kind: z.literal('restorer') });
const restorerSchema = z.discriminatedUnion('task', [
  restorerEntries.extend(superResolutionEntries),
  restorerEntries.extend(deblurringEntries),
  restorerEntries.extend({ ...burstEntries, ...burstLossEntries }),
]);

const denoiserSchema = commonSchema.extend({
  kind: z.literal('denoiser'),
  /** Standard deviations of the noise, in [0, 1] units. */
  sigma: z.strictObject({
    minimum: z.number().min(0),
    maximum: z.number().gt(0),
    law: lawSchema,
  }),
  /** How noise levels count against each other. */
  levelWeight: levelWeightSchema.default('expected-error'),
  validation: validationSchema
    .extend({
      /** Noise levels to be validated at. */
      sigmas: z
        .array(z.number().gt(0))
        .min(1)
        .default([15 / 255, 25 / 255, 50 / 255]),
    })
    .optional(),
});

const adversarialSchema = z.strictObject({
  /** Weight of the adversarial loss beside `loss`. */
  weight: z.number().gt(0),
  /** Weight of the mean absolute difference of the discriminator's features. */
  features: z.number().min(0).default(0),
  /** Weight of the discriminator's change under a little noise, which smooths it. */
  penalty: z.number().min(0).default(0.2),
  /** Channels of the discriminator at a half, a quarter, ... of the resolution. */
  widths: z.array(z.int().min(1).max(1024)).min(1).max(5).default([64, 96, 128]),
});

export type AdversarialSettings = z.infer<typeof adversarialSchema>;

/** Where the states of fusion training are centred, as shares of the samples. */
const statesSchema = z
  .strictObject({
    /** Around the restored image, as the accelerated start of a chain is. */
    restored: z.number().min(0).max(1).default(0),
    /** Somewhere between restored image and target; the rest is around the target. */
    between: z.number().min(0).max(1).default(0),
  })
  .refine(({ restored, between }) => restored + between <= 1, {
    message: 'shares of at most 1 together',
  });

const fusionEntries = commonSchema.extend({
  kind: z.literal('fusion'),
  /** Files of the frozen modules. */
  restorer: z.string().min(1),
  denoiser: z.string().min(1),
  /** Timesteps are drawn from 1 to `maximum`. */
  timesteps: z.strictObject({
    maximum: timestepSchema,
    law: lawSchema,
    /** Only these, each as often, where given. */
    values: z.array(timestepSchema).min(1).optional(),
  }),
  /** Where states are drawn; around the target alone where absent. */
  states: statesSchema.optional(),
  /**
   * Mean squared error of restored crops in [0, 1] units, which noise levels are weighed by; a run
   * measures it where absent.
   */
  restoredError: z.number().gt(0).optional(),
  /** A discriminator to train against. */
  adversarial: adversarialSchema.optional(),
  levelWeight: levelWeightSchema.default('expected-error'),
  validation: validationSchema
    .extend({
      /** Timesteps to be validated at; a tenth, half and all of `timesteps.maximum` if absent. */
      timesteps: z.array(timestepSchema).min(1).optional(),
    })
    .optional(),
});
const fusionSchema = z.discriminatedUnion('task', [
  fusionEntries.extend({ ...superResolutionEntries, ...cacheEntry(0) }),
  fusionEntries.extend({ ...deblurringEntries, ...cacheEntry(1024) }),
  fusionEntries.extend({ ...burstEntries, ...cacheEntry(1024) }),
]);

const recipeSchema = z.discriminatedUnion('kind', [restorerSchema, denoiserSchema, fusionSchema]);

export type Recipe = z.infer<typeof recipeSchema>;
export type RestorerRecipe = z.infer<typeof restorerSchema>;
export type DenoiserRecipe = z.infer<typeof denoiserSchema>;
export type FusionRecipe = z.infer<typeof fusionSchema>;
export type LevelWeightName = z.infer<typeof levelWeightSchema>;
export type TrainingKindName = Recipe['kind'];

/**
 * A recipe, checked and completed.
 * @throws ParameterError that names the first entry at fault.
 */
export function parseRecipe(written: unknown): Recipe {
  const json = withTask(written);
  const checked = checkSchema(recipeSchema, json);
  // As a file would hold it: entries that are undefined are not there.
  if ('data' in checked) return fitting(JSON.parse(JSON.stringify(checked.data)) as Recipe);
  // What is wrong goes before what is missing: the former was written.
  const { misfits } = checked;
  const { path, received, isUnknown, ...misfit } =
    misfits.find((each) => each.received !== undefined) ?? misfits[0];
  const choices = isUnknown ? choicesOf(valueAt(json, path.slice(0, -1))) : '';
  throw new ParameterError(['recipe', ...path].join('.'), `${misfit.expected}${choices}`, received);
}

/** @throws ParameterError where the crops of a batch are more than a tensor holds. */
function fitting(recipe: Recipe): Recipe {
  const { batch, crop } = recipe;
  const most = Math.floor((2 ** 31 - 1) / (3 * crop ** 2));
  if (batch > most)
    throw new ParameterError('recipe.batch', `at most ${most} of crop ${crop}`, batch);
  return recipe;
}

/** What else decides on the entries that an object may have: ` of kind cosine`. */
function choicesOf(entries: unknown): string {
  const { kind, task } = entries as Readonly<Record<string, unknown>>;
  const chosen = Object.entries({ kind, task }).filter(([, value]) => typeof value === 'string');
  return chosen.length === 0
    ? ''
    : ` of ${chosen.map(([name, value]) => `${name} ${value}`).join(' and ')}`;
}
