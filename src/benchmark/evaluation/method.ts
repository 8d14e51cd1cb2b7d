import {
  createSchedule,
  resolveSampler,
  type SamplerRequest,
  type SamplerSettings,
} from '../../diffusion/index.js';
import { digestOf } from '../../files/digest.js';
import { moduleDigest, PIXELS_VERSION, requirePack } from '../../models/packs.js';
import {
  type ConsistencyKind,
  type ResultSettings,
  resolveResult,
  type TaskName,
  taskOf,
} from '../../restoration/index.js';
import { ModelError, ParameterError } from '../../utils/errors.js';
import type { BenchmarkItem } from './items.js';

/** Something that makes images out of degraded ones. */
export type MethodSpec = NetworkMethod | BaselineMethod | OutputsMethod;

/** A pack with its sampler, or its restoration network alone. */
export interface NetworkMethod {
  readonly kind: 'pack' | 'restorer';
  /** How results call it. */
  readonly name: string;
  /** Folder of a pack, or the name of a shipped one. */
  readonly pack: string;
  /** What the pack does not decide; a restoration network has none. */
  readonly sampler?: SamplerRequest | undefined;
  /** Files whose modules take the place of the pack's. */
  readonly modules?:
    | Readonly<Partial<Record<'restorer' | 'denoiser' | 'fusion', string>>>
    | undefined;
  /** Largest side of a tile in pixels of the networks' output; default: that of the pack. */
  readonly tile?: number | undefined;
  /** How the result agrees with the input and how far it is the sample; default: the pack's. */
  readonly consistency?: ConsistencyKind | undefined;
  readonly detail?: number | undefined;
  /** Of bursts: most frames that are used, the sharpest. */
  readonly frames?: number | undefined;
  /** Go beyond the largest t that the modules were trained for. */
  readonly beyondTraining?: boolean | undefined;
}

/** The input brought to the size of its target without a network. */
export interface BaselineMethod {
  readonly kind: 'bicubic' | 'input';
  readonly name: string;
}

/** Images made by another program, matched by the names of the examples. */
export interface OutputsMethod {
  readonly kind: 'outputs';
  readonly name: string;
  readonly folder: string;
}

/** Facts of a method that need no run. */
export interface MethodFacts {
  /** Everything but the input that its images depend on. */
  readonly digest: string;
  /** Whether the seed matters. */
  readonly isRandom: boolean;
  /** Complete, of packs. */
  readonly sampler?: SamplerSettings;
  /** The same of what becomes of the chain. */
  readonly result?: ResultSettings;
  /** Evaluations of networks, for estimates of time. */
  readonly evaluations: number;
}

/**
 * Looks at a method without opening it.
 * @param device that networks will run on: scores of one are not those of another.
 * @throws ModelError for a pack that is none, or of another task or scale than the examples;
 * ParameterError for sampler settings out of range; InputError for a module file that is missing.
 */
export async function describeMethod(
  method: MethodSpec,
  {
    items,
    task,
    device = 'cpu',
  }: {
    readonly items: readonly BenchmarkItem[];
    readonly task?: TaskName | undefined;
    readonly device?: string | undefined;
  },
): Promise<MethodFacts> {
  switch (method.kind) {
    case 'outputs':
      return { digest: digestOf('outputs'), isRandom: false, evaluations: 0 };
    case 'bicubic':
    case 'input': {
      const digest = digestOf({ kind: 'baseline', version: PIXELS_VERSION });
      return { digest, isRandom: false, evaluations: 0 };
    }
    default:
      return describeNetworks(method, items, task, device);
  }
}

async function describeNetworks(
  {
    kind,
    pack,
    sampler = {},
    modules = {},
    tile,
    frames,
    beyondTraining,
    ...finish
  }: NetworkMethod,
  items: readonly BenchmarkItem[],
  task: TaskName | undefined,
  device: string,
): Promise<MethodFacts> {
  const { manifest } = await requirePack(pack);
  requireFit(manifest.name, manifest, items);
  if (task !== undefined && task !== manifest.task)
    throw new ParameterError('task', `${manifest.task}, which the pack ${pack} is for`, task);
  const hashOf = (role: 'restorer' | 'denoiser' | 'fusion') =>
    moduleDigest(manifest, role, modules[role]);
  const common = {
    ...{ version: PIXELS_VERSION, kind, task: manifest.task, scale: manifest.scale, device },
    ...{ tile: tile ?? manifest.tile, frames: frames ?? null, restorer: await hashOf('restorer') },
    contract: manifest.modules.restorer.contract ?? null,
  };
  if (kind === 'restorer') return { digest: digestOf(common), isRandom: false, evaluations: 1 };
  const { settings } = resolveSampler(sampler, {
    schedule: createSchedule(),
    defaults: manifest.sampler,
    tMax: manifest.tMax,
    allowBeyondTraining: beyondTraining ?? false,
  });
  const result = resolveResult(finish, manifest);
  const digest = digestOf({
    ...common,
    result,
    ...{ denoiser: await hashOf('denoiser'), fusion: await hashOf('fusion'), sampler: settings },
    denoiserContract: manifest.modules.denoiser.contract ?? null,
  });
  const steps = result.detail === 0 ? 0 : settings.steps;
  return { digest, isRandom: steps > 0, sampler: settings, result, evaluations: steps + 1 };
}

function requireFit(
  name: string,
  { task, scale }: { readonly task: TaskName; readonly scale: number },
  items: readonly BenchmarkItem[],
): void {
  const { input } = taskOf(task);
  for (const item of items) {
    const isBurst = item.source.kind === 'burst';
    if (isBurst === (input.name === 'burst') && item.scale === scale) continue;
    const of = isBurst ? 'a burst' : 'an image';
    throw new ModelError(name, `is a pack for ${task} of scale ${scale}`, {
      expected: `one for ${of} of scale ${item.scale}, such as ${item.name}`,
      received: `${task}, scale ${scale}`,
    });
  }
}
