import { isDeepStrictEqual } from 'node:util';
import { readInputText, unreadableInput } from '../../../files/input-file.js';
import { inGibibytes, usualLimit } from '../../../training/cost/training-memory.js';
import { type TrialResult, trainingCost, tryTraining } from '../../../training/cost/trial.js';
import { completeRecipe } from '../../../training/default-recipe.js';
import { recipeNetwork } from '../../../training/definition.js';
import { parseRecipe, type Recipe, type TrainingKindName } from '../../../training/recipe.js';
import type { RecipeEntries } from '../../../training/tasks/task.js';
import { ParameterError } from '../../../utils/errors.js';
import type { CommandContext } from '../../command.js';
import { describeMemory } from './follow-training.js';
import { flagName, type GivenEntry, parsePath, recipeFlags } from './recipe-flags.js';
import type { TrainOptions } from './train.js';

/**
 * The recipe of a new run: the options given, then the recipe file, then the defaults of the kind;
 * the network's configuration is completed by its own defaults.
 * @throws ParameterError naming the option or the entry at fault; InputError where the file cannot
 * be read.
 */
export async function assembleRecipe(
  kind: TrainingKindName,
  file: string | undefined,
  given: readonly GivenEntry[],
): Promise<Recipe> {
  const entries: Record<string, unknown> =
    file === undefined ? {} : { ...(await readRecipe(file, kind)) };
  for (const { flag, value } of given) setEntry(entries, flag.path, value);
  const complete = namingFlags(given, () => completeRecipe(kind, entries));
  requireFiles(kind, complete);
  const recipe = namingFlags(given, () => parseRecipe(complete));
  return { ...recipe, config: completeConfiguration(recipe) };
}

/** With the network's defaults, where its checked form is a configuration itself. */
function completeConfiguration(recipe: Recipe): Recipe['config'] {
  const { network, config } = recipeNetwork(recipe);
  const again = network.schema.safeParse(config);
  const complete = again.success && isDeepStrictEqual(again.data, config);
  return complete ? (config as Recipe['config']) : recipe.config;
}

/** Entries that name files and have no default. */
const REQUIRED_PATHS = ['data', 'restorer', 'denoiser'];

/**
 * The recipe of a run that goes on: its own, with another number of steps where one is given.
 * @throws ParameterError where an option asks for something else than the run's recipe has.
 */
export function resumedRecipe(
  saved: Recipe,
  kind: TrainingKindName,
  given: readonly GivenEntry[],
): Recipe {
  if (saved.kind !== kind)
    throw new ParameterError('--resume', `a run of dp-ir train ${saved.kind}`, kind);
  const entries: Record<string, unknown> = { ...saved };
  for (const { flag, value, text } of given) {
    const [name] = flag.path;
    if (name === 'steps') entries.steps = value;
    else if (!isDeepStrictEqual(entryAt(saved, flag.path), value))
      throw new ParameterError(
        flagName(flag),
        `the run's own ${JSON.stringify(entryAt(saved, flag.path))} with --resume`,
        text,
        'Only --steps may change',
      );
  }
  return namingFlags(given, () => parseRecipe(entries));
}

const LARGEST_RECIPE = 2 ** 20;

async function readRecipe(file: string, kind: TrainingKindName): Promise<RecipeEntries> {
  let text: string;
  try {
    text = await readInputText(file, LARGEST_RECIPE);
  } catch (cause) {
    throw unreadableInput(file, cause);
  }
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    throw new ParameterError('--recipe', 'a file of JSON', file);
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
    throw new ParameterError('--recipe', 'a JSON object', file);
  const named = (entries as RecipeEntries).kind ?? kind;
  if (named !== kind) throw new ParameterError('--recipe', `the recipe of a ${kind}`, named);
  return withAbsolutePaths(entries as RecipeEntries, kind);
}

/** The entries of a recipe file with its paths, which are relative to the current folder, resolved. */
function withAbsolutePaths(entries: RecipeEntries, kind: TrainingKindName): RecipeEntries {
  const resolved: Record<string, unknown> = { ...entries };
  for (const { path, parse } of recipeFlags(kind)) {
    const value = entryAt(resolved, path);
    if (parse === parsePath && typeof value === 'string')
      setEntry(resolved, path, parsePath(value));
  }
  return resolved;
}

/** Files have no default: where one is missing, its option is named. */
function requireFiles(kind: TrainingKindName, entries: RecipeEntries): void {
  for (const flag of recipeFlags(kind))
    if (REQUIRED_PATHS.includes(flag.path[0]!))
      if (entries[flag.path[0]!] === undefined)
        throw new ParameterError(flagName(flag), flag.description, undefined);
}

/** Names the option in errors about an entry that came from one. */
function namingFlags<Result>(given: readonly GivenEntry[], work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    const { subject, expected = '' } = error.details;
    // An entry that is refused as a whole is made of what its options give.
    const found = given.find(({ flag }) => {
      const entry = `recipe.${flag.path.join('.')}`;
      return entry === subject || entry.startsWith(`${subject}.`);
    });
    if (found === undefined) throw error;
    throw new ParameterError(flagName(found.flag), expected, found.text);
  }
}

function setEntry(
  entries: Record<string, unknown>,
  [name, inner]: readonly string[],
  value: unknown,
): void {
  if (inner === undefined) entries[name!] = value;
  else entries[name!] = { ...(entries[name!] as object | undefined), [inner]: value };
}

function entryAt(entries: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as RecipeEntries | undefined)?.[key], entries);
}

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
          ...{ recipe, segments, device, threads, workers },
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
