import { sha256Of } from '../files/digest.js';
import { readWeights } from '../files/input-file.js';
import type { ParameterAttributes, Value } from '../graph/index.js';
import type { ImageNetwork } from '../networks/network.js';
import { findImageNetwork } from '../networks/registry.js';
import { fillNormal, uniformAt } from '../tensor/random.js';
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import {
  declaredParameters,
  decodeModule,
  type Module,
  requireWeights,
} from '../weights/module-file.js';
import { type FrozenModules, recipeNetwork } from './definition.js';
import type { Recipe } from './recipe.js';
import type { ModuleDigests } from './run/run-folder.js';

/** Streams of the initial weights, apart from those of the batches. */
const WEIGHT_STREAM = 0xf0000000;

/** Weights to start training from: a function of the seed and each parameter's place. */
export function initialWeights(
  declared: ReadonlyMap<string, Value<ParameterAttributes>>,
  seed: number,
): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  let index = 0;
  for (const [name, { attributes }] of declared)
    weights.set(name, initialTensor(attributes, seed, WEIGHT_STREAM + index++));
  return weights;
}

function initialTensor({ shape, initial }: ParameterAttributes, seed: number, stream: number) {
  const data = new Float32Array(sizeOf(shape));
  switch (initial.kind) {
    case 'zeros':
      break;
    case 'ones':
      data.fill(1);
      break;
    case 'constant':
      data.fill(initial.value);
      break;
    case 'uniform':
      for (let i = 0; i < data.length; i += 1)
        data[i] = (2 * uniformAt(seed, stream, i) - 1) * initial.bound;
      break;
    case 'normal':
      fillNormal(data, seed, stream, 0);
      for (let i = 0; i < data.length; i += 1) data[i]! *= initial.deviation;
      break;
  }
  return tensor(shape, data);
}

export type Declared = ReadonlyMap<string, Value<ParameterAttributes>>;

/**
 * Parts the parameters of a network into those that are trained and those that stay as they are.
 * @param patterns names of the latter; * stands for any characters, dots too.
 * @throws ParameterError for a pattern that fits no parameter, or where none is left to train.
 */
export function partFrozen(
  declared: Declared,
  patterns: readonly string[],
): { readonly trained: Declared; readonly held: Declared } {
  const frozen = new Set<string>();
  for (const pattern of patterns) {
    const fitting = [...declared.keys()].filter((name) => matches(pattern, name));
    if (fitting.length === 0) {
      const examples = [...declared.keys()].slice(0, 3).join(', ');
      throw new ParameterError('recipe.freeze', `names of parameters such as ${examples}`, pattern);
    }
    for (const name of fitting) frozen.add(name);
  }
  const part = (held: boolean): Declared =>
    new Map([...declared].filter(([name]) => frozen.has(name) === held));
  const trained = part(false);
  if (trained.size === 0)
    throw new ParameterError('recipe.freeze', 'some parameters left to train', patterns);
  return { trained, held: part(true) };
}

function matches(pattern: string, name: string): boolean {
  const literal = pattern.split('*').map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(name);
}

/**
 * The frozen modules of a recipe, checked against their networks, and the digests of their files.
 * @throws ModelError where one is missing, damaged or lacks a parameter.
 */
export async function loadFrozen(
  recipe: Recipe,
  own: readonly ImageNetwork[] = [],
): Promise<{ modules: FrozenModules; digests: ModuleDigests }> {
  if (recipe.kind !== 'fusion') return { modules: {}, digests: {} };
  const restorer = await loadModule(recipe.restorer, own);
  const denoiser = await loadModule(recipe.denoiser, own);
  return {
    modules: { restorer: restorer.module, denoiser: denoiser.module },
    digests: { restorer: restorer.digest, denoiser: denoiser.digest },
  };
}

/**
 * Checks that a run goes on between the modules it began with.
 * @throws ModelError that names the first other one.
 */
export function requireSameModules(
  before: ModuleDigests,
  now: ModuleDigests,
  recipe: Recipe,
): void {
  for (const [role, digest] of Object.entries(before))
    if (now[role] !== digest)
      throw new ModelError(
        recipe.kind === 'fusion' && role in recipe ? recipe[role as 'restorer'] : role,
        `is not the ${role} that this run began with`,
        { expected: `SHA-256 ${digest}`, received: String(now[role]) },
      );
}

/**
 * The weights of a module file, to start training a recipe's network from. Its configuration may
 * be another one as long as every parameter has the shape that the recipe's has. It may even be a
 * module of another network that the recipe's is built around: all its parameters must be among the
 * recipe's, and those that it lacks start as in any other run.
 * @throws ModelError where the file is of a network that is no part of the recipe's, or by the first
 * parameter that is missing, has another shape or is none of the recipe's.
 */
export async function loadWeights(
  path: string,
  recipe: Recipe,
  own: readonly ImageNetwork[] = [],
): Promise<ReadonlyMap<string, Tensor>> {
  const { module } = await loadModule(path, own);
  const { network, config } = recipeNetwork(recipe, own);
  if (module.network.name === network.name) requireWeights(network, config, module.weights, path);
  else requirePart(module, network, config, path);
  return module.weights;
}

/** @throws ModelError that names the first parameter of a module that the network has not as such. */
function requirePart(part: Module, network: ImageNetwork, config: unknown, path: string): void {
  const declared = declaredParameters(network, config);
  for (const [name, { shape }] of part.weights) {
    const wanted = declared.get(name)?.shape;
    if (wanted?.join() === shape.join()) continue;
    const fault = wanted === undefined ? `${network.name} has no ${name}` : `${name} is [${shape}]`;
    throw new ModelError(
      path,
      `is of another network than the recipe's, and no part of it: ${fault}`,
      {
        expected: wanted === undefined ? `parameters of ${network.name}` : `${name} [${wanted}]`,
        received: `${part.network.name} with ${name} [${shape}]`,
      },
    );
  }
}

async function loadModule(
  path: string,
  own: readonly ImageNetwork[],
): Promise<{ module: Module; digest: string }> {
  const bytes = await readWeights(path);
  const find = (name: string) =>
    own.find((network) => network.name === name) ?? findImageNetwork(name);
  return { module: decodeModule(bytes, path, find), digest: sha256Of(bytes) };
}
