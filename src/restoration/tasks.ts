import type { ForwardOperator } from '../degradation/operators/forward-operator.js';
import { bicubicReduction } from '../degradation/operators/linear-operators.js';
import { burstKind } from './burst/burst-input.js';
import { type InputKind, imageKind } from './image-input.js';

/** What a pack is made for. A new task is one object of this type, listed in `index.ts`. */
export interface Task {
  /** As manifests and the command line say it. */
  readonly name: string;
  /** In a few words, for help. */
  readonly title: string;
  /** What the restoration network takes, and how x_IR comes about from what it gives. */
  readonly input: InputKind;
  /** Pixels of the result for one of the input along each side that packs may have, the usual first. */
  readonly scales: readonly number[];
  /**
   * The degradation as a linear operator on results of height x width pixels, where it is known and
   * makes no noise: what `consistency` means.
   */
  readonly operator?: (scale: number, height: number, width: number) => ForwardOperator;
  /** What the paper samples with: a chain from tau on in so many evaluations. */
  readonly sampler: { readonly tau: number; readonly steps: number };
}

/** An image reduced by 4 is enlarged again: NFE 51 in the paper. */
export const superResolution = {
  name: 'sr4',
  title: 'super-resolution by 4',
  input: imageKind,
  scales: [4],
  operator: bicubicReduction,
  sampler: { tau: 250, steps: 50 },
} as const satisfies Task;

/** A blurred image becomes sharp: NFE 6 in the paper. */
export const deblurring = {
  name: 'deblur',
  title: 'deblurring',
  input: imageKind,
  scales: [1],
  sampler: { tau: 5, steps: 5 },
} as const satisfies Task;

/**
 * A burst of RAW frames becomes one sRGB image, with `scale` pixels for each of the mosaic: NFE 6
 * in the paper.
 */
export const burst = {
  name: 'burst',
  title: 'a burst of RAW frames to one image',
  input: burstKind,
  scales: [4, 2, 1],
  sampler: { tau: 5, steps: 5 },
} as const satisfies Task;

/** Every task, by its name in manifests. A new one is added here. */
export const tasks = {
  [superResolution.name]: superResolution,
  [deblurring.name]: deblurring,
  [burst.name]: burst,
} as const satisfies Readonly<Record<string, Task>>;

export type TaskName = keyof typeof tasks;

export const taskNames = Object.keys(tasks) as [TaskName, ...TaskName[]];

/** The task of a name. */
export function taskOf(name: TaskName): Task {
  return tasks[name];
}
