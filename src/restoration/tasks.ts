import type { ForwardOperator } from '../degradation/operators/forward-operator.js';
import { bicubicReduction } from '../degradation/operators/linear-operators.js';
import { burstKind } from './burst/burst-input.js';
import { type InputKind, imageKind } from './image-input.js';
import { type TaskName, taskNames } from './task-names.js';

/** What a pack restores. */
export interface Task {
  /** In a few words, for help. */
  readonly title: string;
  /** What the restoration network takes, and how x_IR follows from its output. */
  readonly input: InputKind;
  /** Scales that packs may have, the usual one first: output pixels per input pixel along a side. */
  readonly scales: readonly number[];
  /**
   * The degradation as a linear operator on results of height x width pixels, where it is known and
   * free of noise: what `consistency` refers to.
   */
  readonly operator?: (scale: number, height: number, width: number) => ForwardOperator;
  /** The sampler settings of the paper: start at timestep tau, number of evaluations. */
  readonly sampler: { readonly tau: number; readonly steps: number };
}

/** What each task is. */
export const tasks = {
  /** Super-resolution of images reduced by 4: NFE 51 in the paper. */
  sr4: {
    title: 'super-resolution by 4',
    input: imageKind,
    scales: [4],
    operator: bicubicReduction,
    sampler: { tau: 250, steps: 50 },
  },
  /** Deblurring: NFE 6 in the paper. */
  deblur: {
    title: 'deblurring',
    input: imageKind,
    scales: [1],
    sampler: { tau: 5, steps: 5 },
  },
  /** A burst of RAW frames to one sRGB image, `scale` pixels per mosaic pixel: NFE 6 in the paper. */
  burst: {
    title: 'a burst of RAW frames to one image',
    input: burstKind,
    scales: [4, 2, 1],
    sampler: { tau: 5, steps: 5 },
  },
} as const satisfies Readonly<Record<TaskName, Task>>;

/** The task of a name. */
export function taskOf(name: TaskName): Task {
  return tasks[name];
}

/** Names of the tasks whose input is of one kind, an image or a burst. */
export type TaskNameOf<Kind extends InputKind['name']> = {
  [Name in TaskName]: (typeof tasks)[Name]['input'] extends InputKind<Kind> ? Name : never;
}[TaskName];

/** The first task whose input is of a kind. */
export function taskWithInput<Kind extends InputKind['name']>(kind: Kind): TaskNameOf<Kind> {
  return taskNames.find((name) => tasks[name].input.name === kind) as TaskNameOf<Kind>;
}
