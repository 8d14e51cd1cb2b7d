import { cost } from '../../graph/index.js';
import type { CustomParts } from '../custom.js';
import type { TrainingDefinition } from '../kinds/kind.js';
import type { Recipe } from '../recipe.js';

/** Multiply-adds of a batch's forward pass below which a second graph costs more than it brings. */
const LEAST_MACS = 4e8;

/**
 * The recipe as it is carried out: larger batches of an even number of crops in two halves, which
 * may run at the same time. They have the same crops and give the same mean gradient but for the
 * rounding of sums. It depends on the recipe alone, so that a run can go on elsewhere to the same
 * bits; a loss of one's own may be about a batch as a whole, which then stays in one piece.
 * @param definition of the recipe as it was given.
 */
export function inHalves(
  recipe: Recipe,
  { loss }: TrainingDefinition,
  custom: CustomParts,
): Recipe {
  const whole = recipe.batch % 2 === 1 || custom.loss !== undefined;
  if (whole || cost([loss]).macs < LEAST_MACS) return recipe;
  return { ...recipe, batch: recipe.batch / 2, accumulate: 2 * recipe.accumulate };
}
