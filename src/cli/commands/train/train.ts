import type { Command } from 'commander';
import { z } from 'zod';
import type { TrainingKindName } from '../../../training/recipe.js';
import { ParameterError } from '../../../utils/errors.js';
import { type CliCommand, type CommandContext, type ExitCode, exitCodes } from '../../command.js';
import { number, parseOptions, positive, threadsOption, whole } from '../../options.js';
import { entryFlags, givenEntries, recipeFlags } from './recipe-flags.js';
import { command as report } from './train-report.js';

/** Trains one of the three modules from a folder of photographs. */
export const command: CliCommand = {
  name: 'train',
  subcommands: [
    kindCommand('restorer', 'train a restoration network'),
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
  const { assembleRecipe, resumedRecipe } = await import('./assemble-recipe.js');
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
    const { printRecipe } = await import('./assemble-recipe.js');
    await printRecipe(recipe, options, context);
    return exitCodes.done;
  }
  const { followTraining } = await import('./follow-training.js');
  return followTraining(recipe, { ...options, output: folder() }, context);
}

async function savedRun(folder: string) {
  const { loadRun } = await import('../../../training/run/run-folder.js');
  const saved = await loadRun(folder);
  if (saved === undefined) throw new ParameterError('--resume', 'a folder with a run', folder);
  return saved;
}

/** The options of `dp-ir train` that are not about the recipe. */
const trainOptions = z.object({
  output: z.string().min(1, 'a folder').optional(),
  recipe: z.string().optional(),
  resume: z.boolean().default(false),
  device: z.string().optional(),
  threads: threadsOption.optional(),
  workers: whole(0).optional(),
  segments: positive.default(1),
  memory: number.pipe(z.number().gt(0)).optional(),
  cache: z.string().min(1, 'a folder').optional(),
  cacheLimit: number.pipe(z.number().gt(0)).optional(),
  saveEvery: number.pipe(z.number().min(0)).default(120),
  logEvery: positive.default(20),
  printRecipe: z.boolean().default(false),
  trial: z.boolean().default(true),
  json: z.boolean().default(false),
});

export type TrainOptions = z.infer<typeof trainOptions>;

/** Gives a command the options of a kind of training. */
function configureTraining(command: Command, kind: TrainingKindName): void {
  command.option('-o, --output <folder>', 'of the run: state, weights and log');
  for (const { flags, description } of recipeFlags(kind)) command.option(flags, description);
  command
    .option('--recipe <file>', 'recipe as --print-recipe prints it; options go before it')
    .option(
      '--resume',
      'go on with the run in the output folder; its recipe holds, but for --steps',
    )
    .option('--device <name>', 'cpu or another name of dp-ir devices')
    .option('--threads <n>', 'CPU threads')
    .option('--workers <n>', 'threads that make batches ahead (default: 1, or 0 on one processor)')
    .option(
      '--segments <n>',
      'stretches of the network that are computed again: less memory, more time (default: 1)',
    )
    .option('--memory <GiB>', 'most memory to take (default: nine tenths of the machine)')
    .option('--cache <folder>', 'of restored crops, to share (default: in the output folder)')
    .option('--cache-limit <GiB>', 'most that this folder takes (default: 8)')
    .option('--save-every <seconds>', 'time between saves (default: 120)')
    .option('--log-every <n>', 'steps between lines of the log (default: 20)')
    .option(
      '--print-recipe',
      'print the complete recipe, its cost, memory and hours here, and do not train',
    )
    .option('--no-trial', 'with --print-recipe: try no steps, and tell neither memory nor hours')
    .addHelpText('after', helpText(kind));
}

function helpText(kind: TrainingKindName): string {
  const modules = kind === 'fusion' ? ' --restorer R.safetensors --denoiser D.safetensors' : '';
  return `
What is not given has a default for compact networks; --print-recipe shows all of it.
Ctrl-C saves the state and stops; once more stops without saving.

Examples:
  dp-ir train ${kind} --data photos${modules} -o runs/${kind}
  dp-ir train ${kind} -o runs/${kind} --resume
`;
}
