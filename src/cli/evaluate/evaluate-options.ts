import { z } from 'zod';
import { layoutNames } from '../../datasets/dataset.js';
import { taskNames } from '../../restoration/index.js';
import { borderOption, positive, threadsOption, whole } from '../numbers.js';

const text = z.string().min(1);

const MOST_SEEDS = 10_000;

/** Numbers and ranges such as `0-4` or `1,3,10-12`. */
const seeds = z
  .string()
  .regex(/^\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*$/, 'numbers and ranges such as 0-4')
  .transform((list) =>
    list.split(',').flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number) as [number, number?];
      return Array.from(
        { length: Math.min(MOST_SEEDS + 1, last - first + 1) },
        (_, at) => first + at,
      );
    }),
  )
  .pipe(
    z.array(z.int()).min(1, 'ranges that rise').max(MOST_SEEDS, `at most ${MOST_SEEDS} of them`),
  );

/** Options of `dp-ir evaluate` as commander hands them over. */
export const evaluateOptions = z.object({
  output: text,
  task: z.enum(taskNames).optional(),
  methods: text.optional(),
  metrics: text.optional(),
  space: z.enum(['rgb', 'y']).optional(),
  border: borderOption.optional(),
  seeds: seeds.optional(),
  compare: text.optional(),
  resamples: positive.optional(),
  steps: positive.optional(),
  tau: positive.optional(),
  layout: z.enum(layoutNames).optional(),
  split: text.optional(),
  degradation: text.optional(),
  degradationSeed: whole(0).default(0),
  list: text.optional(),
  limit: positive.optional(),
  parallel: positive.pipe(z.int().max(256)).default(1),
  saveImages: z.boolean().default(false),
  crops: z.array(text).optional(),
  naturalScenes: text.optional(),
  store: text.optional(),
  device: text.default('cpu'),
  threads: threadsOption.optional(),
});

export type EvaluateCliOptions = z.infer<typeof evaluateOptions>;
