import type { FusionRecipe, RestorerRecipe } from '../recipe.js';
import { burstSuperResolution } from './burst.js';
import { deblurring } from './deblurring.js';
import { superResolution } from './super-resolution.js';
import type { TrainingTask } from './task.js';

/**
 * The task of a recipe, for crops of its size.
 * @throws ParameterError where its entries do not fit each other.
 */
export function openTask(recipe: RestorerRecipe | FusionRecipe): TrainingTask {
  switch (recipe.task) {
    case 'sr4':
      return superResolution(recipe);
    case 'deblur':
      return deblurring(recipe);
    case 'burst':
      return burstSuperResolution(recipe);
  }
}
