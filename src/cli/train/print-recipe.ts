import type { Recipe } from '../../training/recipe.js';
import { trainingCost } from '../../training/training-cost.js';
import type { Report } from '../report.js';

/**
 * Prints a recipe as JSON that `--recipe` takes back, and what it costs: as messages, or beside
 * the recipe under `--json`.
 */
export async function printRecipe(recipe: Recipe, report: Report): Promise<void> {
  const { parameters, macs } = await trainingCost(recipe);
  report.result({ recipe, parameters, macsPerStep: macs }, JSON.stringify(recipe, null, 2));
  report.message(`${parameters} parameters`);
  report.message(
    `${macs} multiply-adds per step, forward and backward (convolutions and matrix products)`,
  );
}
