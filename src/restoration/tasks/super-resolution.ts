import { bicubicReduction } from '../../degradation/operators/linear-operators.js';
import { pictureKind } from '../inputs/picture.js';
import type { Task } from './task.js';

/** A picture reduced by 4 is enlarged again: NFE 51 in the paper. */
export const superResolution = {
  name: 'sr4',
  title: 'super-resolution by 4',
  input: pictureKind,
  scales: [4],
  operator: bicubicReduction,
  sampler: { tau: 250, steps: 50 },
} as const satisfies Task;
