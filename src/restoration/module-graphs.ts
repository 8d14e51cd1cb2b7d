import { input, ParameterScope, type Value } from '../graph/index.js';
import { buildDenoiser } from '../networks/roles.js';
import { ModelError } from '../tensor/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Module } from '../weights/module-file.js';
import type { Pack } from './pack.js';
import { isOnnx, type PackModule } from './pack-module.js';
import { taskOf } from './tasks/index.js';

/**
 * One graph of a pack for tiles of height x width pixels:
 * - `restore`: `output` [1, 3, H scale, W scale], what the restoration network makes of `degraded`,
 *   an input of H x W places (see `InputKind`);
 * - `precompute`: `output`, what of the fusion network depends on `restored` [1, 3, H, W] alone;
 * - `evaluate`: `output` [1, 3, H, W], the estimate of x0 by denoiser and fusion network, from
 *   `noisy` [1, 3, H, W] = x0 + sigma noise, `sigma` [1, 1, 1, 1], `t` [1], `restored`
 *   [1, 3, H, W], and `known`, the output of `precompute`, where there is one;
 * - `fuse`: as `evaluate`, from `denoised` [1, 3, H, W] in place of `noisy` and `sigma`;
 * - `denoise`: `output` [1, 3, H, W], x_D alone, from `noisy` and `sigma`.
 */
export type GraphKind = 'restore' | 'precompute' | 'evaluate' | 'fuse' | 'denoise';

/** A graph with the weights of its parameters. */
export interface ModuleGraph {
  readonly output: Value;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * The graph of a kind for tiles of one size.
 * @throws ModelError where a module that it would hold is an ONNX file, which runs by itself.
 */
export function moduleGraph(
  pack: Pack,
  kind: GraphKind,
  height: number,
  width: number,
): ModuleGraph {
  const { restorer, fusion } = pack;
  switch (kind) {
    case 'restore': {
      const module = requireNetwork(restorer);
      const kind = taskOf(pack.manifest.task).input;
      const output = kind.build(module, new ParameterScope(), height, width);
      return { output, weights: module.weights };
    }
    case 'precompute':
      return { output: knownFeatures(fusion, height, width), weights: fusion.weights };
    case 'evaluate':
      return evaluation(pack, height, width);
    case 'denoise': {
      const denoiser = requireNetwork(pack.denoiser);
      const output = denoised(denoiser, new ParameterScope(), height, width);
      return { output, weights: denoiser.weights };
    }
    case 'fuse': {
      const image = input('denoised', [1, 3, height, width]);
      return { output: fused(fusion, new ParameterScope(), image), weights: fusion.weights };
    }
  }
}

/** The modules whose weights a graph of a kind holds. */
export function modulesOf({ restorer, denoiser, fusion }: Pack, kind: GraphKind): Module[] {
  if (kind === 'restore') return [requireNetwork(restorer)];
  if (kind === 'denoise') return [requireNetwork(denoiser)];
  return kind === 'evaluate' ? [requireNetwork(denoiser), fusion] : [fusion];
}

function requireNetwork(module: PackModule): Module {
  if (isOnnx(module)) throw new ModelError(module.file.name, 'is no part of a larger graph');
  return module;
}

function knownFeatures({ network, config }: Module, height: number, width: number): Value {
  const restored = input('restored', [1, 3, height, width]);
  return network.split!.precompute(config, new ParameterScope(), restored);
}

function evaluation(pack: Pack, height: number, width: number): ModuleGraph {
  const denoiser = requireNetwork(pack.denoiser);
  const { fusion } = pack;
  const scope = new ParameterScope();
  const image = denoised(denoiser, scope.child('denoiser'), height, width);
  const output = fused(fusion, scope.child('fusion'), image);
  const weights = new Map<string, Tensor>();
  for (const [name, value] of denoiser.weights) weights.set(`denoiser.${name}`, value);
  for (const [name, value] of fusion.weights) weights.set(`fusion.${name}`, value);
  return { output, weights };
}

/** The denoiser on the inputs `noisy` and `sigma`. */
function denoised(
  { network, config }: Module,
  scope: ParameterScope,
  height: number,
  width: number,
): Value {
  const noisy = input('noisy', [1, 3, height, width]);
  return buildDenoiser(network, config, scope, noisy, input('sigma', [1, 1, 1, 1]));
}

/** The fusion network on a denoised picture and the inputs `restored`, `t` and, split, `known`. */
function fused(fusion: Module, scope: ParameterScope, denoised: Value): Value {
  const { network, config } = fusion;
  const [, , height, width] = denoised.shape as [number, number, number, number];
  const inputs = [input('restored', [1, 3, height, width]), denoised, input('t', [1])];
  if (network.split === undefined) return network.build(config, scope, inputs);
  const known = knownFeatures(fusion, height, width);
  return network.split.finish(config, scope, input('known', known.shape), inputs);
}
