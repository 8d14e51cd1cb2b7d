import type { StateShapes } from '../networks/network.js';
import { findNetwork } from '../networks/registry.js';
import { ModelError, ParameterError } from '../tensor/errors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { decodeState } from './decode-state.js';
import {
  type Detected,
  detect,
  detectNetwork,
  detectPerceptual,
  type Findings,
} from './detection/index.js';
import { decodeModule, type Module, requireWeights } from './module-file.js';
import { requireDeclaredWeights } from './network-file.js';
import {
  decodePerceptualModule,
  type PerceptualModule,
  perceptualParameters,
} from './perceptual/perceptual-module.js';
import { widen } from './widen.js';

/** What a caller knows of a checkpoint beforehand. */
export interface CheckpointOptions {
  /** Where in a PyTorch checkpoint the state dictionary lies: keys joined by '/'. */
  readonly at?: string;
  /** The architecture, instead of detecting it. */
  readonly network?: string;
  /**
   * Entries of the configuration, in the reference's names, that shapes do not tell, such as an
   * activation; they take the place of what is detected.
   */
  readonly config?: unknown;
}

/**
 * A published checkpoint as a module: the form from the file's first bytes, the architecture and
 * its configuration from keys and shapes. Files that `encodeModule` wrote state both themselves.
 * Weights of any element type become float32.
 * @param name what messages call the file.
 * @throws ModelError where the file is damaged, no checkpoint or fits no architecture, where a
 * value is not finite or fits no float32, or where repeated parameters differ. ParameterError for
 * an unknown `network` or a `config` that is no object.
 *
 * @example
 * const module = decodeCheckpoint(bytes, '001_classicalSR_DIV2K_s48w8_SwinIR-M_x4.pth');
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  name: string,
  options: CheckpointOptions = {},
): Module {
  const { tensors, metadata } = decodeState(bytes, name, options);
  const stated = options.network !== undefined || options.config !== undefined;
  if (!stated && metadata.has('network') && metadata.has('config'))
    return decodeModule(bytes, name);
  const { config, network } = checkedOptions(options);
  const shapes = shapesOf(tensors);
  const found: Detected = stated
    ? {
        kind: 'network',
        ...detectNetwork(shapes, name, {
          ...(network === undefined ? {} : { among: [network] }),
          ...(config === undefined ? {} : { config }),
        }),
      }
    : detect(shapes, name);
  if (found.kind === 'perceptual')
    throw new ModelError(name, `is ${found.network.name}, which judges pictures and makes none`);
  const weights = detectedWeights(found, tensors, name);
  requireWeights(found.network, found.config, weights, name);
  return {
    network: found.network,
    config: found.config,
    statedConfig: found.statedConfig,
    weights,
  };
}

/**
 * As `decodeCheckpoint`, of a network that judges pictures: LPIPS with its backbone, or TOPIQ.
 * @param options.at where in a PyTorch checkpoint the state dictionary lies: keys joined by '/'.
 * @throws ModelError as `decodeCheckpoint`.
 */
export function decodePerceptualCheckpoint(
  bytes: Uint8Array,
  name: string,
  options: Pick<CheckpointOptions, 'at'> = {},
): PerceptualModule {
  const { tensors, metadata } = decodeState(bytes, name, options);
  if (metadata.has('network') && metadata.has('config')) return decodePerceptualModule(bytes, name);
  const found = detectPerceptual(shapesOf(tensors), name);
  const weights = detectedWeights(found, tensors, name);
  const { network, config, statedConfig } = found;
  requireDeclaredWeights(network.name, perceptualParameters(network, config), weights, name);
  return { network, config, statedConfig, weights };
}

function checkedOptions({ network, config }: CheckpointOptions) {
  const found = network === undefined ? undefined : findNetwork(network);
  if (network !== undefined && found === undefined)
    throw new ParameterError('network', 'the name of a known architecture', network);
  if (config === undefined) return { network: found };
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ParameterError('config', 'an object', config);
  return { network: found, config: config as Record<string, unknown> };
}

/** Shapes of a state dictionary by key, as detection wants them. */
export function shapesOf(tensors: ReadonlyMap<string, Tensor<DataType>>): StateShapes {
  return new Map([...tensors].map(([key, { shape }]) => [key, shape]));
}

/**
 * The tensors of a checkpoint as float32 under their declared names, without buffers.
 * @throws ModelError where a value fits no float32, or where two keys of one parameter differ: then
 * the network was changed, and is not the one that was detected.
 */
export function detectedWeights(
  { names }: Pick<Findings, 'names'>,
  tensors: ReadonlyMap<string, Tensor<DataType>>,
  name: string,
): ReadonlyMap<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const [key, declared] of names) {
    const value = widen(tensors.get(key)!, key, name);
    const known = weights.get(declared);
    if (known === undefined) weights.set(declared, value);
    else if (known.data.some((entry, place) => !Object.is(entry, value.data[place])))
      throw new ModelError(name, `${key} should repeat ${declared}, but holds other values`);
  }
  return weights;
}
