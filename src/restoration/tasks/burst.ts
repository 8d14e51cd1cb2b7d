import { burstKind } from '../inputs/burst.js';
import type { Task } from './task.js';

/**
 * A burst of RAW frames becomes one sRGB picture, with `scale` pixels for each of the mosaic: NFE 6
 * in the paper.
 */
export const burst = {
  name: 'burst',
  title: 'a burst of RAW frames to one picture',
  input: burstKind,
  scales: [4, 2, 1],
  sampler: { tau: 5, steps: 5 },
} as const satisfies Task;
