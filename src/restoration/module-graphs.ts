import type { Module } from '../checkpoints/module-file.js';
import { input, lowerToOnnx, ParameterScope, type Value } from '../graph/index.js';
import { buildDenoiser, buildRestorer } from '../networks/roles.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Pack } from './pack.js';

const identities = new WeakMap<Module, number>();
let known = 0;

/** A name for a module in the keys of compiled graphs, the same as long as the module lives. */
export function moduleKey(module: Module): string {
  let identity = identities.get(module);
  if (identity === undefined) {
    identity = known++;
    identities.set(module, identity);
  }
  return `${module.network.name}#${identity}`;
}

/** `output` [1, 3, H scale, W scale] of `image` [1, 3, H, W]. */
export function restorerGraph(module: Module, height: number, width: number): Uint8Array {
  const scope = new ParameterScope();
  const image = input('image', [1, 3, height, width]);
  const output = buildRestorer(module.network, module.config, scope, image);
  return lowerToOnnx({ outputs: { output }, weights: module.weights }).bytes;
}

/** What of the fusion network depends on `restored` [1, 3, H, W] alone: `known`. */
export function precomputeGraph({ fusion }: Pack, height: number, width: number): Uint8Array {
  const restored = input('restored', [1, 3, height, width]);
  const value = fusion.network.split!.precompute(fusion.config, new ParameterScope(), restored);
  return lowerToOnnx({ outputs: { known: value }, weights: fusion.weights }).bytes;
}

/** Shape of `known` for a tile. */
export function precomputedShape(
  { fusion }: Pack,
  height: number,
  width: number,
): readonly number[] {
  const restored = input('restored', [1, 3, height, width]);
  return fusion.network.split!.precompute(fusion.config, new ParameterScope(), restored).shape;
}

/**
 * One evaluation, denoiser and fusion network in one graph: `estimate` of x0 from `noisy`
 * [1, 3, H, W] = x0 + sigma noise, `sigma` [1, 1, 1, 1], `t` [1], `restored` [1, 3, H, W] and
 * `known`, where the fusion network precomputes something.
 */
export function evaluationGraph(pack: Pack, height: number, width: number): Uint8Array {
  const { denoiser, fusion } = pack;
  const noisy = input('noisy', [1, 3, height, width]);
  const sigma = input('sigma', [1, 1, 1, 1]);
  const scope = new ParameterScope();
  const denoised = buildDenoiser(
    denoiser.network,
    denoiser.config,
    scope.child('denoiser'),
    noisy,
    sigma,
  );
  const inputs = [input('restored', [1, 3, height, width]), denoised, input('t', [1])];
  const fusionScope = scope.child('fusion');
  const { network, config } = fusion;
  let estimate: Value;
  if (network.split === undefined) estimate = network.build(config, fusionScope, inputs);
  else {
    const before = input('known', precomputedShape(pack, height, width));
    estimate = network.split.finish(config, fusionScope, before, inputs);
  }
  const weights = new Map<string, Tensor>();
  for (const [name, value] of denoiser.weights) weights.set(`denoiser.${name}`, value);
  for (const [name, value] of fusion.weights) weights.set(`fusion.${name}`, value);
  return lowerToOnnx({ outputs: { estimate }, weights }).bytes;
}
