import { z } from 'zod';
import {
  createSchedule,
  noiseLevelKinds,
  samplerKinds,
  startModes,
  varianceKinds,
} from '../diffusion/index.js';
import { consistencyKinds, DEFAULT_TASK, taskNames, tasks } from '../restoration/index.js';
import { ParameterError } from '../utils/errors.js';
import {
  MAX_CHANNELS,
  MAX_FILE_BYTES,
  MAX_FRAMES,
  MAX_PIXELS,
  MAX_THREADS,
  REGION_SIDE,
  TIMEOUT_SECONDS,
  WHOLE_IMAGE_PIXELS,
} from '../utils/limits.js';
import type { BurstFilesRequest } from './restore-request.js';

/** What a restoration starts from. */
export type InputKind = 'image' | 'image file' | 'burst' | 'burst files';

/** Headings of the options in help. */
export type OptionGroup = 'Options' | 'Modules' | 'Sampling' | 'Results' | 'Bursts' | 'Limits';

/** One option of restorations, for the library and the command line alike. */
export interface RestoreOption {
  /** Checks a value as the library takes it. */
  readonly schema: z.ZodType;
  /** What follows the flag, such as `<n>`; a switch has none. */
  readonly placeholder?: string;
  readonly help: string;
  /** Value where none is given, if it is a constant. */
  readonly default?: string | number;
  /** In help, in place of the constant. */
  readonly defaultText?: string;
  /** A value other than the default, for tests and documentation. */
  readonly example: string | number | true;
  readonly group: OptionGroup;
  /** Name in a request of the library, where it is not the key: `limits.maxPixels`. */
  readonly path?: string;
  /** Inputs for which the library accepts it; an option of the command line alone has none. */
  readonly inputs: readonly InputKind[];
  /** Whether the bytes of a result depend on it: then digest and repeat command include it. */
  readonly affectsPixels: boolean;
  /** Whether it allows what is refused otherwise: then the repeat command includes it. */
  readonly permits?: boolean;
  /** Whether the value is the name of a file. */
  readonly isPath?: boolean;
}

const all = ['image', 'image file', 'burst', 'burst files'] as const;
const command = { group: 'Options', inputs: [], affectsPixels: false } as const;
const runtime = { group: 'Options', inputs: all, affectsPixels: false } as const;
const modules = { group: 'Modules', inputs: all, affectsPixels: true } as const;
const sampling = { group: 'Sampling', inputs: all, affectsPixels: true } as const;
const results = { group: 'Results', inputs: all, affectsPixels: true } as const;
const bursts = { group: 'Bursts', inputs: ['burst', 'burst files'], affectsPixels: true } as const;
const inputLimits = {
  group: 'Limits',
  inputs: ['image file', 'burst files'],
  affectsPixels: false,
  permits: true,
} as const;

const text = z.string().min(1);
const positive = z.int().min(1);
const timestep = positive.max(createSchedule().steps);
const share = z.number().min(0).max(1);
const taskTitles = Object.entries(tasks).map(([name, { title }]) => `${name}: ${title}`);
const contractHelp = 'JSON file with what is known of its contract, if it is an ONNX file';

/**
 * Every option of a restoration by its flag in camel case. The following derive from these rows:
 * flags and help of `dp-ir restore`, `trajectory`, `cost`, `demo` and `models pack`, the settings of
 * `evaluate --methods`, the options that the library accepts, the digests of results and the
 * commands that repeat them.
 */
export const restoreOptions = {
  recursive: {
    ...command,
    schema: z.boolean(),
    help: 'include subfolders; results keep their relative paths. Each folder of RAW files is a burst',
    example: true,
  },
  watch: {
    ...command,
    schema: z.boolean(),
    help: 'keep restoring images that appear in the folders, until interrupted',
    example: true,
  },
  resume: {
    ...command,
    schema: z.boolean(),
    help: 'skip inputs that are restored already with the same content, modules and settings',
    example: true,
  },
  task: {
    ...modules,
    schema: z.enum(taskNames),
    placeholder: '<task>',
    inputs: ['image', 'image file', 'burst files'],
    help: taskTitles.join('; '),
    defaultText: 'the task of the pack',
    example: DEFAULT_TASK,
  },
  model: {
    ...modules,
    path: 'pack',
    schema: text,
    placeholder: '<pack>',
    help: 'folder of a pack, or the name of a shipped one',
    defaultText: 'the task, or sr4',
    example: './my-pack',
  },
  reference: {
    ...bursts,
    schema: z.union([z.int().min(0), text]),
    placeholder: '<frame>',
    help: 'reference frame: its name, or its number from 0',
    defaultText: 'the sharpest',
    example: 1,
    inputs: ['burst files'],
  },
  scale: {
    ...bursts,
    schema: positive,
    placeholder: '<n>',
    help: 'pixels of the result per sensor pixel along each side: 1, 2 or 4',
    defaultText: 'the pack',
    example: 2,
  },
  frames: {
    ...bursts,
    schema: positive,
    placeholder: '<n>',
    help: 'maximum number of frames to use, the sharpest ones',
    defaultText: 'all',
    example: 8,
  },
  restorer: {
    ...modules,
    path: 'modules.restorer',
    schema: text,
    placeholder: '<file>',
    help: "weights or ONNX file in place of the pack's restorer",
    example: 'restorer.safetensors',
    isPath: true,
  },
  restorerContract: {
    ...modules,
    schema: text,
    placeholder: '<file>',
    help: contractHelp,
    example: 'contract.json',
    isPath: true,
    inputs: [],
  },
  denoiser: {
    ...modules,
    path: 'modules.denoiser',
    schema: text,
    placeholder: '<file>',
    help: "weights or ONNX file in place of the pack's denoiser",
    example: 'denoiser.safetensors',
    isPath: true,
  },
  denoiserContract: {
    ...modules,
    schema: text,
    placeholder: '<file>',
    help: contractHelp,
    example: 'contract.json',
    isPath: true,
    inputs: [],
  },
  fusion: {
    ...modules,
    path: 'modules.fusion',
    schema: text,
    placeholder: '<file>',
    help: "weights in place of the pack's fusion network",
    example: 'fusion.safetensors',
    isPath: true,
  },
  tau: {
    ...sampling,
    schema: timestep,
    placeholder: '<t>',
    help: 'timestep that the chain starts at',
    defaultText: 'the pack',
    example: 6,
  },
  steps: {
    ...sampling,
    schema: timestep,
    placeholder: '<n>',
    help: 'evaluations of the denoiser and the fusion network',
    defaultText: 'the pack',
    example: 1,
  },
  start: {
    ...sampling,
    schema: z.enum(startModes),
    placeholder: '<mode>',
    help: startModes.join(', '),
    defaultText: 'accelerated',
    example: 'noised',
  },
  sampler: {
    ...sampling,
    schema: z.enum(samplerKinds),
    placeholder: '<kind>',
    help: samplerKinds.join(', '),
    defaultText: 'the pack, or by steps and tau',
    example: 'ancestral',
  },
  eta: {
    ...sampling,
    schema: share,
    placeholder: '<share>',
    help: 'share of fresh noise of ddim, 0 to 1',
    defaultText: '0',
    example: 0.5,
  },
  variance: {
    ...sampling,
    schema: z.enum(varianceKinds),
    placeholder: '<kind>',
    help: varianceKinds.join(', '),
    defaultText: 'the pack, or large',
    example: 'small',
  },
  noiseLevel: {
    ...sampling,
    schema: z.enum(noiseLevelKinds),
    placeholder: '<kind>',
    help: "noise level given to the networks: tracked, the state's own, or nominal, the schedule's",
    defaultText: 'the pack, or tracked',
    example: 'nominal',
  },
  consistency: {
    ...sampling,
    schema: z.enum(consistencyKinds),
    placeholder: '<kind>',
    help: 'exact: the result, reduced again, equals the input; cautious: as far as its noise allows; none',
    defaultText: 'the pack',
    example: 'exact',
  },
  detail: {
    ...sampling,
    schema: share,
    placeholder: '<share>',
    help: '0: the restoration network alone, 1: the sample',
    defaultText: 'the pack',
    example: 0.5,
  },
  seed: {
    ...sampling,
    schema: z.int().min(0),
    placeholder: '<n>',
    help: 'selects one of the possible results',
    default: 0,
    example: 1,
  },
  samples: {
    ...results,
    schema: positive,
    placeholder: '<n>',
    help: 'results of n seeds, the first being --seed: NAME-s0.png and so on',
    example: 2,
  },
  mean: {
    ...results,
    schema: z.int().min(2),
    placeholder: '<n>',
    help: 'mean of n samples, and NAME-uncertainty.png: their standard deviation',
    example: 2,
  },
  device: {
    ...runtime,
    schema: text,
    placeholder: '<name>',
    help: 'see dp-ir devices',
    default: 'cpu',
    example: 'webgpu',
    affectsPixels: true,
  },
  threads: {
    ...runtime,
    schema: positive.max(MAX_THREADS),
    placeholder: '<n>',
    help: 'CPU threads',
    defaultText: 'all cores',
    example: 1,
  },
  tile: {
    ...sampling,
    schema: positive,
    placeholder: '<pixels>',
    help: "largest side of a tile of the networks' output",
    defaultText: 'the pack',
    example: 512,
    group: 'Limits',
  },
  region: {
    ...sampling,
    schema: positive,
    placeholder: '<pixels>',
    help: 'largest side of a region that is restored at once',
    defaultText: `${REGION_SIDE} for results of more than ${WHOLE_IMAGE_PIXELS} pixels`,
    example: 512,
    group: 'Limits',
  },
  maxPixels: {
    ...runtime,
    schema: positive,
    placeholder: '<n>',
    help: 'maximum number of pixels of a result',
    default: MAX_PIXELS,
    example: 2 ** 29,
    group: 'Limits',
    permits: true,
  },
  maxInputPixels: {
    ...inputLimits,
    path: 'limits.maxPixels',
    schema: positive,
    placeholder: '<n>',
    help: 'maximum number of pixels of an input',
    default: MAX_PIXELS,
    example: 2 ** 29,
  },
  maxBytes: {
    ...inputLimits,
    path: 'limits.maxBytes',
    schema: positive,
    placeholder: '<size>',
    help: 'maximum size of an input file',
    default: MAX_FILE_BYTES,
    example: 2 ** 31,
  },
  maxChannels: {
    ...inputLimits,
    path: 'limits.maxChannels',
    schema: positive,
    placeholder: '<n>',
    help: 'maximum number of channels; extra ones are dropped',
    default: MAX_CHANNELS,
    example: 6,
  },
  maxFrames: {
    ...inputLimits,
    path: 'limits.maxFrames',
    schema: positive,
    placeholder: '<n>',
    help: 'maximum number of frames or pages; the first is restored',
    default: MAX_FRAMES,
    example: 3,
  },
  memory: {
    ...runtime,
    schema: positive,
    placeholder: '<size>',
    help: 'memory that a restoration may use, such as 2GiB',
    defaultText: "3/4 of the machine's",
    example: 2 ** 31,
    group: 'Limits',
  },
  timeout: {
    ...runtime,
    schema: z.number().positive(),
    placeholder: '<seconds>',
    help: 'time that a restoration may take',
    default: TIMEOUT_SECONDS,
    example: 9,
    group: 'Limits',
  },
  strip: {
    ...results,
    schema: z.boolean(),
    help: 'drop EXIF, XMP and profile; colours are converted to sRGB',
    example: true,
    inputs: ['image file'],
  },
  beyondTraining: {
    ...sampling,
    path: 'allowBeyondTraining',
    schema: z.boolean(),
    help: 'allow a tau that the modules were not trained for',
    example: true,
    affectsPixels: false,
    permits: true,
  },
  reportTiling: {
    ...results,
    schema: z.boolean(),
    help: 'restore again without tiles and print the difference',
    example: true,
    affectsPixels: false,
  },
} as const satisfies Readonly<Record<string, RestoreOption>>;

export type RestoreOptionName = keyof typeof restoreOptions;

/** Values of options by their names. */
export type OptionValues<Name extends RestoreOptionName = RestoreOptionName> = {
  readonly [Key in Name]?: z.infer<(typeof restoreOptions)[Key]['schema']> | undefined;
};

/** The rows of the table in its order, with one type. */
export const restoreOptionRows = Object.entries(restoreOptions) as readonly (readonly [
  RestoreOptionName,
  RestoreOption,
])[];

/** The name of an option in requests of the library, such as `limits.maxPixels`. */
export function pathOf(name: RestoreOptionName): string {
  const row: RestoreOption = restoreOptions[name];
  return row.path ?? name;
}

/**
 * The request of the library for values of options: `maxBytes` becomes `limits.maxBytes`. Options
 * of the command line alone are dropped.
 */
export function requestOf(values: Readonly<Partial<Record<RestoreOptionName, unknown>>>) {
  const request: Record<string, unknown> = {};
  for (const [name, { inputs }] of restoreOptionRows) {
    const value = values[name];
    if (value === undefined || inputs.length === 0) continue;
    const [key, entry] = pathOf(name).split('.') as [string, string?];
    request[key] = entry === undefined ? value : { ...(request[key] as object), [entry]: value };
  }
  return request as BurstFilesRequest;
}

/** The value of an option in a request of the library. */
export function valueIn(request: BurstFilesRequest, name: RestoreOptionName): unknown {
  const [key, entry] = pathOf(name).split('.') as [keyof BurstFilesRequest, string?];
  const value: unknown = request[key];
  if (entry === undefined) return value;
  return (value as Readonly<Record<string, unknown>> | undefined)?.[entry];
}

/**
 * Refuses options that do not exist for an input.
 * @param others names that are accepted besides the table's.
 * @throws ParameterError that lists the options of such inputs.
 */
export function requireKnownOptions(
  options: object,
  input: InputKind,
  others: readonly string[] = [],
): void {
  const known = new Set(others);
  for (const [name, { inputs }] of restoreOptionRows)
    if (inputs.includes(input)) known.add(pathOf(name).split('.')[0]!);
  for (const [key, value] of Object.entries(options))
    if (value !== undefined && !known.has(key))
      throw new ParameterError(`options.${key}`, `one of ${[...known].join(', ')}`, key);
}
