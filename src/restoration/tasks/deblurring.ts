import { pictureKind } from '../inputs/picture.js';
import type { Task } from './task.js';

/** A blurred picture becomes sharp: NFE 6 in the paper. */
export const deblurring = {
  name: 'deblur',
  title: 'deblurring',
  input: pictureKind,
  scales: [1],
  sampler: { tau: 5, steps: 5 },
} as const satisfies Task;
