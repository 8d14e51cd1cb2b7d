import { z } from 'zod';
import { DEFAULT_TASK, type TaskName, taskNames } from '../restoration/task-names.js';
import { ParameterError } from '../utils/errors.js';
import { checkSchema, valueAt } from '../utils/schema.js';
import { type TaskEntries, trainingTasks } from './tasks/index.js';
import type { RecipeEntries, TrainingTaskDefinition } from './tasks/task.js';

/**
 * Completes the written entries of a recipe where defaults depend on other entries, and renames
 * those of earlier versions. Anything but an object is returned as it is.
 * @throws ParameterError for an unknown task, and for entries of a task that contradict each other.
 */
function completeEntries(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const entries = withCurrentNames(json as RecipeEntries);
  if (entries.kind !== 'restorer' && entries.kind !== 'fusion') return entries;
  const { task = DEFAULT_TASK } = entries;
  if (!taskNames.includes(task as TaskName))
    throw new ParameterError('recipe.task', `one of ${taskNames.join(', ')}`, task);
  const definition: TrainingTaskDefinition = trainingTasks[task as TaskName];
  return definition.complete?.({ ...entries, task }) ?? { ...entries, task };
}

/** `validation.images` was `validation.pictures` in recipes and states of earlier versions. */
function withCurrentNames(entries: RecipeEntries): RecipeEntries {
  const { validation } = entries;
  if (typeof validation !== 'object' || validation === null || !('pictures' in validation))
    return entries;
  const { pictures, ...current } = validation;
  return { ...entries, validation: { images: pictures, ...current } };
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
const restorerSchema = unionOfTasks((task, { entries, lossEntries }) =>
  restorerEntries.extend({ task: z.literal(task), ...entries, ...lossEntries }),
);

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
const cacheSchema = z.strictObject({
  /** Crops that are drawn and restored once and cached on disk; 0 restores those of every step anew. */
  samples: z.int().min(0).max(1_000_000),
});

const fusionSchema = unionOfTasks((task, { entries, cacheSamples }) =>
  fusionEntries.extend({
    task: z.literal(task),
    ...entries,
    cache: cacheSchema.default({ samples: cacheSamples }),
  }),
);

/** One schema per task, chosen by the entry `task`. */
function unionOfTasks<Schema extends z.ZodObject>(
  schemaOf: (task: TaskName, definition: TrainingTaskDefinition) => Schema,
) {
  const [first, ...others] = taskNames.map((task) => schemaOf(task, trainingTasks[task]));
  return z.discriminatedUnion('task', [first!, ...others]);
}

const recipeSchema = z.discriminatedUnion('kind', [restorerSchema, denoiserSchema, fusionSchema]);

export type RestorerRecipe = z.infer<typeof restorerEntries> & TaskEntries;
export type DenoiserRecipe = z.infer<typeof denoiserSchema>;
export type FusionRecipe = z.infer<typeof fusionEntries> &
  TaskEntries & { readonly cache: z.infer<typeof cacheSchema> };
export type Recipe = RestorerRecipe | DenoiserRecipe | FusionRecipe;
export type LevelWeightName = z.infer<typeof levelWeightSchema>;
export type TrainingKindName = Recipe['kind'];

/**
 * A recipe, checked and completed.
 * @throws ParameterError that names the first entry at fault.
 */
export function parseRecipe(written: unknown): Recipe {
  const json = completeEntries(written);
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
