import { join } from 'node:path';
import { shellLine } from '../../src/files/quoting.js';
import type { TrainingKindName } from '../../src/training/recipe.js';
import { ParameterError } from '../../src/utils/errors.js';
import { type Places, runFolder } from './places.js';

/** A module that tables need and that is trained for them, compactly. */
export interface TrainedModule {
  readonly name: string;
  readonly kind: TrainingKindName;
  /** What it is, in words. */
  readonly title: string;
  /** Modules that it is trained between. */
  readonly restorer?: string;
  readonly denoiser?: string;
  /** The module whose weights it starts from. */
  readonly from?: string;
}

/** Modules of the packs that come with the package. */
export const shippedModules: Readonly<Record<string, string>> = {
  'restorer-a': 'models/sr4/restorer.safetensors',
  'denoiser-a': 'models/denoiser/denoiser.safetensors',
  'fusion-sr4': 'models/sr4/fusion.safetensors',
  'fusion-burst': 'models/burst/fusion.safetensors',
};

function fusion(name: string, title: string, restorer: string, denoiser: string): TrainedModule {
  return { name, kind: 'fusion', title, restorer, denoiser };
}

/** In an order in which they can be trained. */
export const trainedModules: readonly TrainedModule[] = [
  { name: 'restorer-b', kind: 'restorer', title: 'a second restoration network, a small RRDB' },
  { name: 'denoiser-b', kind: 'denoiser', title: 'a second denoiser, with half the parameters' },
  fusion('fusion-aa', 'between restorer a and denoiser a', 'restorer-a', 'denoiser-a'),
  fusion('fusion-plain', 'without TDWA inside, between the same', 'restorer-a', 'denoiser-a'),
  fusion('fusion-tdwa', 'TDWA between the same', 'restorer-a', 'denoiser-a'),
  fusion('fusion-ldwt', 'L-DWT between the same', 'restorer-a', 'denoiser-a'),
  fusion('fusion-unet', 'a U-Net between the same', 'restorer-a', 'denoiser-a'),
  fusion('fusion-ab', 'between restorer a and denoiser b', 'restorer-a', 'denoiser-b'),
  fusion('fusion-ba', 'between restorer b and denoiser a', 'restorer-b', 'denoiser-a'),
  fusion('fusion-bb', 'between restorer b and denoiser b', 'restorer-b', 'denoiser-b'),
  {
    ...fusion('fusion-250', 'that of the pack, trained on to t = 250', 'restorer-a', 'denoiser-a'),
    from: 'fusion-sr4',
  },
  {
    ...{ name: 'denoiser-chain', kind: 'denoiser', title: 'denoiser a, trained on to t = 1000' },
    from: 'denoiser-a',
  },
  fusion('fusion-chain', 'for t up to 1000', 'restorer-a', 'denoiser-chain'),
];

/** @throws ParameterError where no table knows the module. */
export function trainedModule(name: string): TrainedModule {
  const found = trainedModules.find((module) => module.name === name);
  if (found !== undefined) return found;
  const expected = trainedModules.map((module) => module.name).join(', ');
  throw new ParameterError('module', expected, name);
}

/** The file of a module, which may not be there yet. */
export function moduleFile(name: string, places: Places): string {
  return (
    shippedModules[name] ?? join(runFolder(trainedModule(name).name, places), 'weights.safetensors')
  );
}

/** The recipe of a module that is trained. */
export function recipeFile(name: string): string {
  return `bench/paper/recipes/${name}.json`;
}

/** Arguments of `dp-ir` that train a module. */
export function trainingWords(
  { name, kind, restorer, denoiser, from }: TrainedModule,
  places: Places,
  steps: number,
): string[] {
  const words = ['train', kind, '-o', runFolder(name, places), '--recipe', recipeFile(name)];
  words.push('--data', join(places.data, 'train/photos'), '--steps', String(steps));
  for (const [option, module] of Object.entries({ restorer, denoiser, from }))
    if (module !== undefined) words.push(`--${option}`, moduleFile(module, places));
  return words;
}

/** The same as a line for a shell. */
export function trainingCommand(module: TrainedModule, places: Places, steps: number): string {
  return shellLine(['dp-ir', ...trainingWords(module, places, steps)]);
}
