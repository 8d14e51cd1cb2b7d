import { input, type ParameterAttributes, ParameterScope, type Value } from '../graph/index.js';
import { type Network, type PerceptualNetwork, parseConfiguration } from '../networks/network.js';
import { findNetwork, findPerceptualNetwork } from '../networks/registry.js';
import type { Tensor } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import {
  decodeNetworkFile,
  encodeNetworkFile,
  ParametersOfFile,
  requireDeclaredWeights,
  storedConfiguration,
} from './network-file.js';

/** A network with its configuration and weights: one of the three parts of a pack. */
export interface Module {
  readonly network: Network;
  /** In the network's own checked form. */
  readonly config: unknown;
  /** The configuration as a file states it, where the checked form has other names. */
  readonly statedConfig?: unknown;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * A module of a network, its configuration checked and completed.
 * @param stated the configuration as a file states it.
 * @throws ParameterError for the configuration, ModelError for the weights.
 */
export function defineModule(
  network: Network,
  stated: unknown,
  weights: ReadonlyMap<string, Tensor>,
): Module {
  const config = parseConfiguration(network, stated);
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
  { network, config, statedConfig = config, weights }: Module,
  options: { readonly half?: boolean } = {},
): Uint8Array {
  const file = { network: network.name, config: JSON.stringify(statedConfig), weights };
  return encodeNetworkFile(file, options);
}

/**
 * Reads what `encodeModule` wrote. Half-precision weights are widened.
 * @param name what messages call the file.
 * @param find gives a network by its name; those of the package by default.
 * @throws ModelError where the file is damaged, names an unknown network, lacks a parameter or has
 * one of another shape, or holds a value that is not finite.
 */
export function decodeModule(
  bytes: Uint8Array,
  name: string,
  find: (network: string) => Network | undefined = findNetwork,
): Module {
  const file = decodeNetworkFile(bytes, name);
  const network = find(file.network);
  if (network === undefined)
    throw new ModelError(name, `is for the network "${file.network}", which is not known`);
  const stored = storedConfiguration(network, file.config, name, (config) =>
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
 * @param declared where they are kept, which may refuse some.
 */
export function declaredParameters(
  network: Network,
  config: unknown,
  declared = new Map<string, Value<ParameterAttributes>>(),
): ReturnType<ParameterScope['declared']> {
  const scope = new ParameterScope('', declared);
  const { minimum } = network.sizeRule(config);
  const shapes = network.inputShapes(config, { batch: 1, height: minimum, width: minimum });
  const inputs = shapes.map((shape, index) => input(`input${index}`, shape));
  network.build(config, scope, inputs);
  return scope.declared();
}

/** A network that judges images, with its configuration and weights. */
export interface PerceptualModule {
  readonly network: PerceptualNetwork;
  /** In the network's own checked form. */
  readonly config: unknown;
  /** The configuration as a file states it, where the checked form has other names. */
  readonly statedConfig?: unknown;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * A perceptual module of a network, its configuration checked and completed.
 * @param stated the configuration as a file states it.
 * @throws ParameterError for the configuration, ModelError for the weights.
 */
export function definePerceptualModule(
  network: PerceptualNetwork,
  stated: unknown,
  weights: ReadonlyMap<string, Tensor>,
): PerceptualModule {
  const config = parseConfiguration(network, stated);
  const declared = perceptualParameters(network, config);
  requireDeclaredWeights(network.name, declared, weights, network.name);
  return { network, config, statedConfig: stated, weights };
}

/**
 * A perceptual module as the bytes of a safetensors file whose metadata name the network and its
 * configuration.
 * @param options.half stores the weights in half precision.
 * @throws ModelError where a weight is beyond the range of half precision.
 */
export function encodePerceptualModule(
  { network, config, statedConfig = config, weights }: PerceptualModule,
  options: { readonly half?: boolean } = {},
): Uint8Array {
  const file = { network: network.name, config: JSON.stringify(statedConfig), weights };
  return encodeNetworkFile(file, options);
}

/**
 * Reads what `encodePerceptualModule` wrote. Half-precision weights are widened.
 * @param name what messages call the file.
 * @throws ModelError where the file is damaged, names no perceptual network, lacks a parameter or
 * has one of another shape, or holds a value that is not finite.
 */
export function decodePerceptualModule(bytes: Uint8Array, name: string): PerceptualModule {
  const file = decodeNetworkFile(bytes, name);
  const network = findPerceptualNetwork(file.network);
  if (network === undefined)
    throw new ModelError(name, `is for "${file.network}", which is no known perceptual network`);
  const stored = storedConfiguration(network, file.config, name, (config) =>
    perceptualParameters(network, config, new ParametersOfFile(file.weights, name)),
  );
  const declared = perceptualParameters(network, stored.config);
  requireDeclaredWeights(network.name, declared, file.weights, name);
  return { network, ...stored, weights: file.weights };
}

/**
 * The parameters of a perceptual network under a configuration, by name.
 * @param declared where they are kept, which may refuse some.
 */
export function perceptualParameters(
  network: PerceptualNetwork,
  config: unknown,
  declared = new Map<string, Value<ParameterAttributes>>(),
): ReturnType<ParameterScope['declared']> {
  const side = network.minimum(config);
  const images = Array.from({ length: network.images(config) }, (_, index) =>
    input(`image${index}`, [1, 3, side, side]),
  );
  const scope = new ParameterScope('', declared);
  network.build(config, scope, images);
  return scope.declared();
}

const identities = new WeakMap<object, number>();
let identified = 0;

/** A text that tells a module from every other one in the cache of a runner, which outlives it. */
export function moduleKey(module: { readonly network: { readonly name: string } }): string {
  let identity = identities.get(module);
  if (identity === undefined) {
    identity = identified++;
    identities.set(module, identity);
  }
  return `${module.network.name}#${identity}`;
}
