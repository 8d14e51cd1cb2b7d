import type { TaskName } from '../../restoration/task-names.js';

/** How a task is evaluated. */
export interface EvaluationTask {
  /** Settings of `createDegradation` that make inputs of plain images; none where they are ambiguous. */
  readonly degradation?: unknown;
  /** The method without a network to compare with: the input itself, or enlarged bicubically. */
  readonly baseline: 'input' | 'bicubic';
  /** Metrics before the usual ones where none are asked for, as the literature reports them. */
  readonly metrics?: readonly string[];
}

/** How each task is evaluated where a request does not say otherwise. */
export const evaluationTasks: Readonly<Record<TaskName, EvaluationTask>> = {
  sr4: {
    // Reduced with antialiasing, rounded to 8 bits.
    degradation: { kind: 'bicubic', scale: 4 },
    baseline: 'bicubic',
    metrics: ['psnr:y:4', 'ssim:y:4'],
  },
  deblur: { baseline: 'input' },
  burst: { baseline: 'bicubic' },
};
