import type { Recipe } from '../recipe.js';

/** The learning rate of a step, counted from 1. */
export function learningRateAt(
  step: number,
  recipe: Pick<Recipe, 'learningRate' | 'schedule' | 'warmup' | 'steps'>,
): number {
  const { learningRate, schedule, warmup, steps } = recipe;
  const rising = warmup > 0 ? Math.min(1, step / warmup) : 1;
  if (schedule.kind === 'step')
    return rising * learningRate * schedule.factor ** Math.floor((step - 1) / schedule.every);
  const progress = Math.min(1, (step - 1) / Math.max(1, steps - 1));
  const height = (1 + Math.cos(Math.PI * progress)) / 2;
  return rising * learningRate * (schedule.final + (1 - schedule.final) * height);
}
