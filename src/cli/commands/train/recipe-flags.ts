import { resolve } from 'node:path';
import { DEFAULT_TASK, type TaskName, taskNames } from '../../../restoration/task-names.js';
import type { TrainingKindName } from '../../../training/recipe.js';
import { ParameterError } from '../../../utils/errors.js';
import type { Flags } from '../../options.js';

/** An option of the command line that sets one entry of a recipe. */
export interface RecipeFlag {
  /** As commander takes it. */
  readonly flags: string;
  readonly description: string;
  /** Where in the recipe it goes. */
  readonly path: readonly string[];
  /** The entry that a text stands for; NaN and the like are refused by the recipe's own check. */
  readonly parse: (text: string) => unknown;
}

function parseNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function parseList(text: string): number[] {
  return text.split(',').map(parseNumber);
}

function parseNames(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/** Other words are refused by the recipe's own check. */
function parseBoolean(text: string): unknown {
  return { true: true, false: false }[text] ?? text;
}

/** An absolute path: a run may be resumed from another folder. */
export function parsePath(text: string): string {
  return text === '' ? '' : resolve(text);
}

function parseJson(option: string, example: string): RecipeFlag['parse'] {
  return (text) => {
    try {
      return JSON.parse(text);
    } catch {
      throw new ParameterError(option, `a JSON object such as ${example}`, text);
    }
  };
}

function flag(
  flags: string,
  path: string,
  description: string,
  parse: RecipeFlag['parse'] = parseNumber,
): RecipeFlag {
  return { flags, description, path: path.split('.'), parse };
}

const common: readonly RecipeFlag[] = [
  flag('--data <folder>', 'data', 'folder of photographs to train on', parsePath),
  flag('--reductions <list>', 'reductions', 'also use each photograph reduced by these', parseList),
  flag('--steps <n>', 'steps', 'training steps'),
  flag('--batch <n>', 'batch', 'crops per micro-batch'),
  flag('--accumulate <n>', 'accumulate', 'micro-batches per step, whose gradients are averaged'),
  flag('--crop <pixels>', 'crop', 'side of a crop in pixels of the full resolution'),
  flag('--seed <n>', 'seed', 'of crops, noise and first weights'),
  flag('--learning-rate <rate>', 'learningRate', 'of Adam'),
  flag('--schedule <kind>', 'schedule.kind', 'cosine or step', String),
  flag('--final <share>', 'schedule.final', 'cosine: last learning rate over the first'),
  flag('--decay-factor <factor>', 'schedule.factor', 'step: factor of the learning rate'),
  flag('--decay-every <n>', 'schedule.every', 'step: steps between two decays'),
  flag('--warmup <n>', 'warmup', 'steps over which the learning rate grows from 0'),
  flag('--beta1 <decay>', 'adam.beta1', 'of the mean gradient'),
  flag('--beta2 <decay>', 'adam.beta2', 'of the mean squared gradient'),
  flag('--epsilon <e>', 'adam.epsilon', 'least divisor of a step'),
  flag('--clip <norm>', 'clip', 'largest norm of all gradients together'),
  flag('--weight-decay <rate>', 'weightDecay', 'decoupled from the gradient, times learning rate'),
  flag('--loss <name>', 'loss', 'mse, l1 or charbonnier', String),
  flag('--edge <weight>', 'edge', 'weight of an added loss of Laplacians'),
  flag('--frequency <weight>', 'frequency', 'weight of an added loss of 8x8 spectra'),
  flag('--average <decay>', 'average', 'decay of the moving average that is the result'),
  flag('--freeze <names>', 'freeze', 'parameters left as they are, such as head.*', parseNames),
  flag(
    '--from <file>',
    'from',
    'weights to start from: a module of the network or of a part of it',
    parsePath,
  ),
  flag('--keep <n>', 'keep', 'states kept'),
  flag('--validation-data <folder>', 'validation.data', 'held-out photographs', parsePath),
  flag('--validation-every <n>', 'validation.every', 'steps between validations'),
  flag('--validation-images <n>', 'validation.images', 'how many of them'),
  flag('--validation-crop <pixels>', 'validation.crop', 'side of their centre crops'),
  flag('--validation-seed <n>', 'validation.seed', 'of their noise'),
  flag('--validation-previews <n>', 'validation.previews', 'images to keep previews of'),
  flag('--network <name>', 'network', 'architecture', String),
  flag(
    '--config <json>',
    'config',
    "the architecture's configuration",
    parseJson('--config', '{"features": 48}'),
  ),
];

const scale = flag('--scale <n>', 'scale', 'reduction of the input');

/** Options for the entries of each task. */
const taskFlags = {
  sr4: [scale],
  deblur: [
    flag(
      '--degradation <json>',
      'degradation',
      'the blur of the photographs',
      parseJson('--degradation', '{"kind": "motion-blur"}'),
    ),
    flag('--pairs <folder>', 'pairs', 'train on blurred and sharp images instead', parsePath),
  ],
  burst: [
    scale,
    flag('--frames <n>', 'burst.frames', 'exposures'),
    flag('--max-translation <pixels>', 'burst.maxTranslation', 'largest shift of a photograph'),
    flag('--max-rotation <degrees>', 'burst.maxRotation', 'largest rotation'),
    flag('--burst-noise <bool>', 'burst.noise', 'true or false, of the sensor', parseBoolean),
  ],
} satisfies Readonly<Record<TaskName, readonly RecipeFlag[]>>;

/** Options for the entries about each task's loss, which restorers have. */
const taskLossFlags = {
  sr4: [],
  deblur: [],
  burst: [
    flag('--flow-weight <weight>', 'flowWeight', 'weight of an added loss of the flow'),
    flag('--loss-space <name>', 'lossSpace', 'square-root or linear values', String),
  ],
} satisfies Readonly<Record<TaskName, readonly RecipeFlag[]>>;

/** The options of all tasks, each once, with the tasks that have it before its description. */
function joined(flags: Readonly<Record<TaskName, readonly RecipeFlag[]>>): RecipeFlag[] {
  return [...new Set(Object.values(flags).flat())].map((each) => {
    const tasks = taskNames.filter((task) => flags[task].includes(each));
    return { ...each, description: `${tasks.join(', ')}: ${each.description}` };
  });
}

const ofTasks = [
  flag('--task <name>', 'task', `${taskNames.join(', ')} (default: ${DEFAULT_TASK})`, String),
  ...joined(taskFlags),
];
const levelWeight = flag(
  '--level-weight <law>',
  'levelWeight',
  'how noise levels count: expected-error, edm or none',
  String,
);

const kindFlags: Readonly<Record<TrainingKindName, readonly RecipeFlag[]>> = {
  restorer: [...ofTasks, ...joined(taskLossFlags)],
  denoiser: [
    flag('--sigma-min <s>', 'sigma.minimum', 'smallest noise, with white at 1'),
    flag('--sigma-max <s>', 'sigma.maximum', 'largest noise'),
    flag('--sigma-law <law>', 'sigma.law', 'uniform or log-uniform', String),
    levelWeight,
    flag('--validation-sigmas <list>', 'validation.sigmas', 'noise to validate at', parseList),
  ],
  fusion: [
    flag('--restorer <file>', 'restorer', 'module file of the frozen restorer', parsePath),
    flag('--denoiser <file>', 'denoiser', 'module file of the frozen denoiser', parsePath),
    ...ofTasks,
    flag(
      '--cache-samples <n>',
      'cache.samples',
      'crops to restore once and cache on disk; 0 for none',
    ),
    flag('--t-max <t>', 'timesteps.maximum', 'largest timestep'),
    flag('--t-law <law>', 'timesteps.law', 'uniform or log-uniform', String),
    flag('--t-values <list>', 'timesteps.values', 'train at these timesteps alone', parseList),
    flag('--restored-states <share>', 'states.restored', 'samples with states around x_IR'),
    flag('--between-states <share>', 'states.between', 'samples between x_IR and the target'),
    flag('--adversarial <weight>', 'adversarial.weight', 'of the loss against a discriminator'),
    flag(
      '--adversarial-features <weight>',
      'adversarial.features',
      "of the discriminator's features",
    ),
    flag(
      '--adversarial-penalty <weight>',
      'adversarial.penalty',
      "of the discriminator's gradient",
    ),
    flag(
      '--adversarial-widths <list>',
      'adversarial.widths',
      "the discriminator's channels",
      parseList,
    ),
    levelWeight,
    flag('--validation-timesteps <list>', 'validation.timesteps', 'to validate at', parseList),
  ],
};

/** The recipe's options of a kind of training. */
export function recipeFlags(kind: TrainingKindName): readonly RecipeFlag[] {
  return [...common, ...kindFlags[kind]];
}

/** The option's name as it is written: `--sigma-min`. */
export function flagName({ flags }: RecipeFlag): string {
  return flags.split(' ')[0]!;
}

function optionOf(flag: RecipeFlag): string {
  return flagName(flag)
    .slice(2)
    .replace(/-[a-z]/g, (pair) => pair[1]!.toUpperCase());
}

/**
 * The flags by the entries of a recipe that they set. Of a recipe from elsewhere only those that
 * were typed: the others are entries of a file, and are told of as such.
 * @param typed names of the options that were.
 */
export function entryFlags(kind: TrainingKindName, typed: ReadonlySet<string>): Flags {
  const elsewhere = typed.has('recipe') || typed.has('resume');
  const known = recipeFlags(kind).filter((flag) => !elsewhere || typed.has(optionOf(flag)));
  const names = known.flatMap((flag) => {
    const entry = flag.path.join('.');
    return [entry, `recipe.${entry}`].map((name) => [name, flagName(flag)] as const);
  });
  const groups = known.flatMap(({ path: [group, ...inner] }) => (inner.length > 0 ? [group!] : []));
  return Object.fromEntries([
    ...groups.map((group) => [group, flagsOfGroup(group, known, typed)] as const),
    ...names,
  ]);
}

/** The flags that entries of a group come from: those that were typed, or else all. */
function flagsOfGroup(
  group: string,
  known: readonly RecipeFlag[],
  typed: ReadonlySet<string>,
): string {
  const flags = known.filter(({ path }) => path[0] === group);
  const given = flags.filter((flag) => typed.has(optionOf(flag)));
  return (given.length > 0 ? given : flags).map(flagName).join(', ');
}

/** A recipe's entry that was given on the command line. */
export interface GivenEntry {
  readonly flag: RecipeFlag;
  readonly value: unknown;
  /** As it was written. */
  readonly text: string;
}

/** The recipe's entries among the options as commander parsed them. */
export function givenEntries(
  kind: TrainingKindName,
  options: Readonly<Record<string, unknown>>,
): GivenEntry[] {
  return recipeFlags(kind).flatMap((flag) => {
    const text = options[optionOf(flag)];
    return typeof text === 'string' ? [{ flag, value: flag.parse(text), text }] : [];
  });
}
