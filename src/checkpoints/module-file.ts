import { z } from 'zod';
import { input, ParameterScope } from '../graph/index.js';
import { parseConfiguration } from '../networks/configuration.js';
import type { Network } from '../networks/network.js';
import { findNetwork } from '../networks/registry.js';
import { ModelError, ParameterError } from '../tensor/errors.js';
import { float32ToFloat16, toFloat32 } from '../tensor/half.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import { type DataType, type Tensor, typedTensor } from '../tensor/tensor.js';

/** A network with its configuration and weights: one of the three parts of a pack. */
export interface Module {
  readonly network: Network;
  /** In the network's own checked form. */
  readonly config: unknown;
  /** The configuration as a file states it, where the checked form has other names. */
  readonly statedConfig?: unknown;
  readonly weights: ReadonlyMap<string, Tensor>;
}

const LARGEST_HALF = 65504;
const headerSchema = z.object({ network: z.string(), config: z.string() });

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
  const metadata = new Map([
    ['network', network.name],
    ['config', JSON.stringify(statedConfig)],
  ]);
  if (options.half !== true) return encodeSafetensors(weights, metadata);
  const halves = new Map<string, Tensor<DataType>>();
  for (const [name, { shape, data }] of weights) {
    const place = data.findIndex((value) => !(Math.abs(value) <= LARGEST_HALF));
    if (place >= 0)
      throw new ModelError(network.name, `${name}[${place}] does not fit half precision`, {
        expected: `a number of magnitude up to ${LARGEST_HALF}`,
        received: String(data[place]),
      });
    halves.set(name, typedTensor('float16', shape, float32ToFloat16(data)));
  }
  return encodeSafetensors(halves, metadata);
}

/**
 * Reads what `encodeModule` wrote. Half-precision weights are widened.
 * @param name what messages call the file.
 * @throws ModelError where the file is damaged, names an unknown network, lacks a parameter or has
 * one of another shape, or holds a value that is not finite.
 */
export function decodeModule(bytes: Uint8Array, name: string): Module {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const header = headerSchema.safeParse(Object.fromEntries(metadata));
  if (!header.success)
    throw new ModelError(name, 'does not say which network it is for', {
      expected: 'the metadata entries "network" and "config"',
      received: `[${[...metadata.keys()].join(', ')}]`,
    });
  const network = findNetwork(header.data.network);
  if (network === undefined)
    throw new ModelError(name, `is for the network "${header.data.network}", which is not known`);
  const statedConfig = parseJson(header.data.config, name);
  const config = storedConfiguration(network, statedConfig, name);
  const weights = new Map<string, Tensor>();
  for (const [key, value] of tensors) weights.set(key, toFloat32(value));
  requireWeights(network, config, weights, name);
  return { network, config, statedConfig, weights };
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
  const declared = declaredParameters(network, config);
  for (const [key, parameter] of declared) {
    const found = weights.get(key);
    if (found === undefined) throw new ModelError(name, `lacks the parameter ${key}`);
    if (found.shape.join() !== parameter.shape.join())
      throw new ModelError(name, `${key} has the wrong shape`, {
        expected: `[${parameter.shape}]`,
        received: `[${found.shape}]`,
      });
    const bad = found.data.findIndex((entry) => !Number.isFinite(entry));
    if (bad >= 0)
      throw new ModelError(name, `${key}[${bad}] is ${found.data[bad]}, expected a finite number`);
  }
  for (const key of weights.keys())
    if (!declared.has(key)) throw new ModelError(name, `${key} is no parameter of ${network.name}`);
}

/** The parameters of a network under a configuration, by name. */
export function declaredParameters(
  network: Network,
  config: unknown,
): ReturnType<ParameterScope['declared']> {
  const scope = new ParameterScope();
  const { minimum } = network.sizeRule(config);
  const shapes = network.inputShapes(config, { batch: 1, height: minimum, width: minimum });
  const inputs = shapes.map((shape, index) => input(`input${index}`, shape));
  network.build(config, scope, inputs);
  return scope.declared();
}

/** A configuration out of a file: that it is wrong is the file's fault, not the caller's. */
function storedConfiguration(network: Network, stated: unknown, name: string): unknown {
  try {
    const config = parseConfiguration(network, stated);
    declaredParameters(network, config);
    return config;
  } catch (cause) {
    if (!(cause instanceof ParameterError)) throw cause;
    throw new ModelError(name, `its configuration is not valid: ${cause.message}`, { cause });
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(name, 'its configuration is no JSON', { cause });
  }
}
