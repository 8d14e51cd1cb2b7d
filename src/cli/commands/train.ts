import { ParameterError } from '../../tensor/errors.js';
import type { TrainingKindName } from '../../training/recipe.js';
import type { CliCommand, CommandContext } from '../command.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { parseOptions } from '../options.js';
import { entryFlags, givenEntries } from '../train/recipe-flags.js';
import { configureTraining, trainOptions } from '../train/train-options.js';
import { command as report } from './train-report.js';

/** Trains one of the three modules from a folder of photographs. */
export const command: CliCommand = {
  name: 'train',
  configure: (command) => command.description('train a module on a folder of photographs'),
  subcommands: [
    kindCommand('restorer', 'train a network that enlarges images'),
    kindCommand('denoiser', 'train a Gaussian denoiser that knows the noise level'),
    kindCommand('fusion', 'train a fusion network between a frozen restorer and denoiser'),
    report,
  ],
};

function kindCommand(kind: TrainingKindName, description: string): CliCommand {
  return {
    name: kind,
    flags: (typed) => entryFlags(kind, typed),
    configure: (command) => configureTraining(command.description(description), kind),
    run: (context) => trainKind(kind, context),
  };
}

async function trainKind(kind: TrainingKindName, context: CommandContext): Promise<ExitCode> {
  const options = parseOptions(trainOptions, context.options);
  const given = givenEntries(kind, context.options);
  const { assembleRecipe, resumedRecipe } = await import('../train/assemble-recipe.js');
  const { output, resume, recipe: file } = options;
  const folder = (): string => {
    if (output === undefined) throw new ParameterError('--output', 'a folder', undefined);
    return output;
  };
  if (resume && file !== undefined)
    throw new ParameterError('--recipe', 'nothing with --resume', file);
  const recipe = resume
    ? resumedRecipe((await savedRun(folder())).recipe, kind, given)
    : await assembleRecipe(kind, file, given);
  if (options.printRecipe) {
    const { printRecipe } = await import('../train/print-recipe.js');
    await printRecipe(recipe, options, context);
    return exitCodes.done;
  }
  const { followTraining } = await import('../train/follow-training.js');
  return followTraining(recipe, { ...options, output: folder() }, context);
}

async function savedRun(folder: string) {
  const { loadRun } = await import('../../training/run/run-folder.js');
  const saved = await loadRun(folder);
  if (saved === undefined) throw new ParameterError('--resume', 'a folder with a run', folder);
  return saved;
}
