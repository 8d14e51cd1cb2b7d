import { type ParameterAttributes, ParameterScope, type Value } from '../graph/index.js';
import {
  type ImageNetwork,
  type Network,
  networkInputs,
  type PerceptualNetwork,
  parseConfiguration,
} from '../networks/network.js';
import { findImageNetwork, findNetwork } from '../networks/registry.js';
import type { Tensor } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import {
  decodeNetworkFile,
  encodeNetworkFile,
  ParametersOfFile,
  requireDeclaredWeights,
  storedConfiguration,
} from './network-file.js';

/** A network with its configuration and weights. */
export interface Module<N extends Network = ImageNetwork> {
  readonly network: N;
  /** In the network's checked form. */
  readonly config: unknown;
  /** The configuration as a file states it, where the checked form has other names. */
  readonly statedConfig?: unknown;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** An image quality metric with its configuration and weights. */
export type PerceptualModule = Module<PerceptualNetwork>;

/**
 * A module of a network, its configuration checked and completed.
 * @param stated the configuration as a file states it.
 * @throws ParameterError for the configuration, ModelError for the weights.
 */
export function defineModule<N extends Network>(
  network: N,
  stated: unknown,
  weights: ReadonlyMap<string, Tensor>,
): Module<N> {
  const config = parseConfiguration<unknown>(network, stated);
  requireWeights(network, config, weights, network.name);
  return { network, config, statedConfig: stated, weights };
}

/**
 * A module as the bytes of a safetensors file whose metadata name the network and its
 * configuration.
 * @param options.half stores the weights in half precision.
 * @throws ModelError where a weight is beyond the range of half precision.
 */
export function encodeModule(
  { network, config, statedConfig = config, weights }: Module<Network>,
  options: { readonly half?: boolean } = {},
): Uint8Array {
  const file = { network: network.name, config: JSON.stringify(statedConfig), weights };
  return encodeNetworkFile(file, options);
}

/**
 * Reads a module that `encodeModule` wrote. Half-precision weights are widened.
 * @param name what messages call the file.
 * @param find looks a network up by name; default: `findImageNetwork`.
 * @throws ModelError where the file is damaged, names an unknown network, lacks a parameter or has
 * one of another shape, or holds a value that is not finite.
 * @example
 * const metric = decodeModule(bytes, 'lpips.safetensors', findPerceptualNetwork);
 */
export function decodeModule(bytes: Uint8Array, name: string): Module;
export function decodeModule<N extends Network>(
  bytes: Uint8Array,
  name: string,
  find: (network: string) => N | undefined,
): Module<N>;
export function decodeModule(
  bytes: Uint8Array,
  name: string,
  find: (network: string) => Network | undefined = findImageNetwork,
): Module<Network> {
  const file = decodeNetworkFile(bytes, name);
  const network = find(file.network);
  if (network === undefined) {
    const role = findNetwork(file.network)?.role;
    const fault = role === undefined ? 'which is not known' : `which has another role: ${role}`;
    throw new ModelError(name, `is for the network "${file.network}", ${fault}`);
  }
  const stored = storedConfiguration<unknown>(network, file.config, name, (config) =>
    declaredParameters(network, config, new ParametersOfFile(file.weights, name)),
  );
  requireWeights(network, stored.config, file.weights, name);
  return { network, ...stored, weights: file.weights };
}

/**
 * Checks that weights are those of a network: every parameter there, shaped as declared, finite,
 * and nothing else.
 * @throws ModelError that names the first tensor at fault.
 */
export function requireWeights(
  network: Network,
  config: unknown,
  weights: ReadonlyMap<string, Tensor>,
  name: string,
): void {
  requireDeclaredWeights(network.name, declaredParameters(network, config), weights, name);
}

/**
 * The parameters of a network under a configuration, by name.
 * @param declared collects them, and may refuse some.
 */
export function declaredParameters(
  network: Network,
  config: unknown,
  declared = new Map<string, Value<ParameterAttributes>>(),
): ReturnType<ParameterScope['declared']> {
  const scope = new ParameterScope('', declared);
  network.build(config, scope, networkInputs(network, config));
  return scope.declared();
}

const identities = new WeakMap<object, number>();
let identified = 0;

/** A unique key of a module in the cache of a runner, which outlives the module. */
export function moduleKey(module: { readonly network: { readonly name: string } }): string {
  let identity = identities.get(module);
  if (identity === undefined) {
    identity = identified++;
    identities.set(module, identity);
  }
  return `${module.network.name}#${identity}`;
}
