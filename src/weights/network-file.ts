import { z } from 'zod';
import type { ParameterAttributes, Value } from '../graph/index.js';
import { type Architecture, parseConfiguration } from '../networks/network.js';
import { float32ToFloat16, toFloat32 } from '../tensor/half.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import { type DataType, type Tensor, typedTensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';

/** The network of a safetensors file, from its metadata. */
interface NetworkFile {
  /** The network's name. */
  readonly network: string;
  /** The configuration as JSON text. */
  readonly config: string;
  readonly weights: ReadonlyMap<string, Tensor>;
}

const LARGEST_HALF = 65504;
const headerSchema = z.object({ network: z.string(), config: z.string() });

/**
 * A safetensors file whose metadata name the network and its configuration.
 * @param options.half stores the weights in half precision.
 * @throws ModelError where a weight is beyond the range of half precision.
 */
export function encodeNetworkFile(
  { network, config, weights }: NetworkFile,
  options: { readonly half?: boolean } = {},
): Uint8Array {
  const metadata = new Map([
    ['network', network],
    ['config', config],
  ]);
  if (options.half !== true) return encodeSafetensors(weights, metadata);
  const halves = new Map<string, Tensor<DataType>>();
  for (const [name, { shape, data }] of weights) {
    const place = data.findIndex((value) => !(Math.abs(value) <= LARGEST_HALF));
    if (place >= 0)
      throw new ModelError(network, `${name}[${place}] does not fit half precision`, {
        expected: `a number of magnitude up to ${LARGEST_HALF}`,
        received: String(data[place]),
      });
    halves.set(name, typedTensor('float16', shape, float32ToFloat16(data)));
  }
  return encodeSafetensors(halves, metadata);
}

/**
 * Reads what `encodeNetworkFile` wrote. Half-precision weights are widened.
 * @param name what messages call the file.
 * @throws ModelError where the file is damaged or names no network.
 */
export function decodeNetworkFile(bytes: Uint8Array, name: string): NetworkFile {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const header = headerSchema.safeParse(Object.fromEntries(metadata));
  if (!header.success)
    throw new ModelError(name, 'does not name its network', {
      expected: 'the metadata entries "network" and "config"',
      received: `[${[...metadata.keys()].join(', ')}]`,
    });
  const weights = new Map<string, Tensor>();
  for (const [key, value] of tensors) weights.set(key, toFloat32(value));
  return { ...header.data, weights };
}

/**
 * A configuration out of a file, as it stands there and checked: that it is wrong is the file's
 * fault, not the caller's.
 * @param declare builds the network under a configuration and throws ParameterError where it cannot.
 * @throws ModelError where the text is not JSON or no configuration of the network.
 */
export function storedConfiguration<C>(
  network: Pick<Architecture<C>, 'name' | 'schema'>,
  text: string,
  name: string,
  declare: (config: C) => unknown,
): { readonly config: C; readonly statedConfig: unknown } {
  const statedConfig = parseJson(text, name);
  try {
    const config = parseConfiguration(network, statedConfig);
    declare(config);
    return { config, statedConfig };
  } catch (cause) {
    if (!(cause instanceof ParameterError)) throw cause;
    throw new ModelError(name, `its configuration is not valid: ${cause.message}`, { cause });
  }
}

/**
 * Where a network declares its parameters while a file's configuration is tried out: the first that
 * the file lacks, or has in another shape, ends it. A configuration of a few bytes could otherwise
 * ask for a network without end.
 */
export class ParametersOfFile extends Map<string, Value<ParameterAttributes>> {
  readonly #weights: ReadonlyMap<string, Tensor>;
  readonly #file: string;

  constructor(weights: ReadonlyMap<string, Tensor>, file: string) {
    super();
    this.#weights = weights;
    this.#file = file;
  }

  /** @throws ModelError where the file has no such parameter. */
  override set(key: string, parameter: Value<ParameterAttributes>): this {
    requireShape(key, parameter, this.#weights, this.#file);
    return super.set(key, parameter);
  }
}

function requireShape(
  key: string,
  parameter: Value,
  weights: ReadonlyMap<string, Tensor>,
  name: string,
): Tensor {
  const found = weights.get(key);
  if (found === undefined) throw new ModelError(name, `lacks the parameter ${key}`);
  if (found.shape.join() !== parameter.shape.join())
    throw new ModelError(name, `${key} has the wrong shape`, {
      expected: `[${parameter.shape}]`,
      received: `[${found.shape}]`,
    });
  return found;
}

/**
 * Checks that weights are those that a network declares: every parameter there, shaped as
 * declared, finite, and nothing else.
 * @throws ModelError that names the first tensor at fault.
 */
export function requireDeclaredWeights(
  network: string,
  declared: ReadonlyMap<string, Value>,
  weights: ReadonlyMap<string, Tensor>,
  name: string,
): void {
  for (const [key, parameter] of declared) {
    const found = requireShape(key, parameter, weights, name);
    const bad = found.data.findIndex((entry) => !Number.isFinite(entry));
    if (bad >= 0)
      throw new ModelError(name, `${key}[${bad}] is ${found.data[bad]}, expected a finite number`);
  }
  for (const key of weights.keys())
    if (!declared.has(key)) throw new ModelError(name, `${key} is no parameter of ${network}`);
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(name, 'its configuration is not JSON', { cause });
  }
}
