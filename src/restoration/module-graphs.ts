import type { Module } from '../checkpoints/module-file.js';
import { input, ParameterScope, type Value } from '../graph/index.js';
import { buildDenoiser, buildRestorer } from '../networks/roles.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Pack } from './pack.js';

/**
 * One graph of a pack for tiles of height x width pixels:
 * - `restore`: `output` [1, 3, H scale, W scale] = x_IR of `image` [1, 3, H, W];
 * - `precompute`: `output`, what of the fusion network depends on `restored` [1, 3, H, W] alone;
 * - `evaluate`: `output` [1, 3, H, W], the estimate of x0 by denoiser and fusion network, from
 *   `noisy` [1, 3, H, W] = x0 + sigma noise, `sigma` [1, 1, 1, 1], `t` [1], `restored`
 *   [1, 3, H, W], and `known`, the output of `precompute`, where there is one.
 */
export type GraphKind = 'restore' | 'precompute' | 'evaluate';

/** A graph with the weights of its parameters. */
export interface ModuleGraph {
  readonly output: Value;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** The graph of a kind for tiles of one size. */
export function moduleGraph(
  pack: Pack,
  kind: GraphKind,
  height: number,
  width: number,
): ModuleGraph {
  const { restorer, fusion } = pack;
  switch (kind) {
    case 'restore': {
      const image = input('image', [1, 3, height, width]);
      const scope = new ParameterScope();
      const output = buildRestorer(restorer.network, restorer.config, scope, image);
      return { output, weights: restorer.weights };
    }
    case 'precompute':
      return { output: knownFeatures(fusion, height, width), weights: fusion.weights };
    case 'evaluate':
      return evaluation(pack, height, width);
  }
}

/** The modules whose weights a graph of a kind holds. */
export function modulesOf({ restorer, denoiser, fusion }: Pack, kind: GraphKind): Module[] {
  if (kind === 'restore') return [restorer];
  return kind === 'precompute' ? [fusion] : [denoiser, fusion];
}

function knownFeatures({ network, config }: Module, height: number, width: number): Value {
  const restored = input('restored', [1, 3, height, width]);
  return network.split!.precompute(config, new ParameterScope(), restored);
}

function evaluation({ denoiser, fusion }: Pack, height: number, width: number): ModuleGraph {
  const scope = new ParameterScope();
  const denoised = buildDenoiser(
    denoiser.network,
    denoiser.config,
    scope.child('denoiser'),
    input('noisy', [1, 3, height, width]),
    input('sigma', [1, 1, 1, 1]),
  );
  const inputs = [input('restored', [1, 3, height, width]), denoised, input('t', [1])];
  const fusionScope = scope.child('fusion');
  const { network, config } = fusion;
  let output: Value;
  if (network.split === undefined) output = network.build(config, fusionScope, inputs);
  else {
    const known = input('known', knownFeatures(fusion, height, width).shape);
    output = network.split.finish(config, fusionScope, known, inputs);
  }
  const weights = new Map<string, Tensor>();
  for (const [name, value] of denoiser.weights) weights.set(`denoiser.${name}`, value);
  for (const [name, value] of fusion.weights) weights.set(`fusion.${name}`, value);
  return { output, weights };
}
