import { z } from 'zod';
import { checkpointShape } from '../models/checkpoint-options.js';
import { storeOption } from '../models/store-option.js';
import { positive, threadsOption } from '../numbers.js';

const size = z
  .string()
  .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, 'Invalid input: expected WIDTHxHEIGHT such as 320x180')
  .transform((text) => {
    const [width, height] = text.split('x').map(Number) as [number, number];
    return { width, height };
  });

/** What `dp-ir cost` takes. */
export const costOptions = z.object({
  size: size.optional(),
  frames: positive.optional(),
  steps: positive.optional(),
  tau: positive.optional(),
  tile: positive.optional(),
  perLayer: z.boolean().default(false),
  time: z.boolean().default(false),
  csv: z.boolean().default(false),
  config: checkpointShape.config,
  device: z.string().min(1),
  threads: threadsOption.optional(),
  store: storeOption,
});

export type CostOptions = z.infer<typeof costOptions>;
