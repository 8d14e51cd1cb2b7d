import { inGibibytes, usualLimit } from '../../training/cost/training-memory.js';
import { type TrialResult, trainingCost, tryTraining } from '../../training/cost/trial.js';
import type { Recipe } from '../../training/recipe.js';
import type { CommandContext } from '../command.js';
import { describeMemory } from './describe-cost.js';
import type { TrainOptions } from './train-options.js';

/**
 * Prints a recipe as JSON that `--recipe` takes back, and what it costs: as messages, or beside
 * the recipe under `--json`. Memory and hours come from a trial on this machine, unless that is
 * left out.
 */
export async function printRecipe(
  recipe: Recipe,
  options: TrainOptions,
  { report, signal }: Pick<CommandContext, 'report' | 'signal'>,
): Promise<void> {
  const { parameters, macs } = await trainingCost(recipe);
  const { device, threads, workers, segments } = options;
  const tried = options.trial
    ? await tryTraining(
        {
          recipe,
          segments,
          ...(device === undefined ? {} : { device }),
          ...(threads === undefined ? {} : { threads }),
          ...(workers === undefined ? {} : { workers }),
        },
        signal,
      )
    : undefined;
  const hours = tried === undefined ? undefined : (tried.secondsPerStep * recipe.steps) / 3600;
  const cost = {
    parameters,
    macsPerStep: macs,
    ...(tried === undefined ? {} : { ...tried, hours }),
  };
  report.result({ recipe, ...cost }, JSON.stringify(recipe, null, 2));
  report.message(`${parameters} parameters`);
  report.message(
    `${macs} multiply-adds per step, forward and backward (convolutions and matrix products)`,
  );
  if (tried === undefined) return;
  report.message(describeTime(tried, recipe.steps));
  if (tried.memory === undefined) return;
  report.message(describeMemory(tried.memory));
  const limit = options.memory === undefined ? usualLimit() : options.memory * 2 ** 30;
  if (tried.memory.total > limit)
    report.warning(`that is more than ${inGibibytes(limit)}, so the run would be refused`);
}

function describeTime({ secondsPerStep, timed, device }: TrialResult, steps: number): string {
  const seconds = Number(secondsPerStep.toPrecision(3));
  const hours = ((secondsPerStep * steps) / 3600).toPrecision(2);
  const how = timed === 'steps' ? 'tried' : 'from the speed of convolutions';
  return `${seconds} s per step (${how}), ${Number(hours)} h in all, on ${device.effective} with ${device.threads} threads`;
}
