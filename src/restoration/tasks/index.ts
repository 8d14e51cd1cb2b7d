import { burst } from './burst.js';
import { deblurring } from './deblurring.js';
import { superResolution } from './super-resolution.js';
import type { Task } from './task.js';

export type { Task } from './task.js';

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
