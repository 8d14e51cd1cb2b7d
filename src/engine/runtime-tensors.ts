import type { InferenceSession, TypedTensor } from 'onnxruntime-node';
import type { Feeds } from '../graph/graph-runner.js';
import { isShared } from '../tensor/shared-memory.js';
import {
  type DataArray,
  type DataType,
  sizeOf,
  type Tensor,
  typedTensor,
} from '../tensor/tensor.js';
import { EngineError, ParameterError } from '../utils/errors.js';
import type { Runtime } from './runtime.js';

type Metadata = InferenceSession.ValueMetadata;
type RuntimeTensor = InferenceSession.OnnxValueMapType[string];

const supported: ReadonlySet<string> = new Set<DataType>([
  'float64',
  'float32',
  'float16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint16',
  'uint8',
  'bool',
]);

/**
 * Checks feeds against the inputs of a compiled graph and wraps their arrays without copying. They
 * are not in shared memory, which the runtime does not take.
 * @throws ParameterError naming the first input that is missing, unknown, or of another data type
 * or shape than the graph's.
 */
export function wrapFeeds(
  runtime: Runtime,
  inputs: readonly Metadata[],
  feeds: Feeds,
): Record<string, RuntimeTensor> {
  const names = inputs.map((input) => input.name);
  for (const name of Object.keys(feeds))
    if (!names.includes(name))
      throw new ParameterError(`feeds.${name}`, `one of the inputs ${names.join(', ')}`, name);
  return Object.fromEntries(
    inputs.map((input) => [input.name, wrap(runtime, input, feeds[input.name])]),
  );
}

function wrap(
  runtime: Runtime,
  input: Metadata,
  feed: Tensor<DataType> | undefined,
): RuntimeTensor {
  const parameter = `feeds.${input.name}`;
  if (!input.isTensor)
    throw new ParameterError(parameter, 'an input that is a tensor', 'a sequence or map');
  const expected = `${input.type} [${input.shape.join(', ')}]`;
  if (feed === undefined) throw new ParameterError(parameter, expected, 'nothing');
  const fits =
    feed.dataType === input.type &&
    supported.has(feed.dataType) &&
    feed.shape.length === input.shape.length &&
    input.shape.every((extent, axis) => typeof extent === 'string' || extent === feed.shape[axis]);
  if (!fits)
    throw new ParameterError(parameter, expected, `${feed.dataType} [${feed.shape.join(', ')}]`);
  if (feed.data.length !== sizeOf(feed.shape))
    throw new ParameterError(parameter, `${sizeOf(feed.shape)} elements`, feed.data.length);
  return new runtime.Tensor(
    feed.dataType as 'float32',
    feed.data as Float32Array<ArrayBuffer>,
    feed.shape,
  );
}

/**
 * The outputs of a run as tensors over the runtime's own arrays.
 * @throws EngineError for a data type that this package has no array for.
 */
export function unwrapOutputs(
  outputs: InferenceSession.OnnxValueMapType,
): Record<string, Tensor<DataType>> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, unwrap(name, value)]),
  );
}

function unwrap(name: string, value: RuntimeTensor): Tensor<DataType> {
  const { dims, data } = value as TypedTensor<'float32'>;
  const dataType = value.type as DataType;
  if (!supported.has(dataType))
    throw new EngineError(name, `the graph gives ${dataType}, which has no counterpart here`);
  return typedTensor(dataType, dims, dataType === 'float16' ? bitsOf(data) : data);
}

/** Newer JavaScript engines hand out float16 as Float16Array; here it is raw bits everywhere. */
function bitsOf(data: ArrayBufferView): DataArray<'float16'> {
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
}

/**
 * Copies of inputs in shared memory, which the runtime does not take, in arrays that serve every
 * run: what came and went with each would lie about as garbage, as much as many runs take.
 */
export class SharedFeeds {
  readonly #copies = new Map<string, Tensor<DataType>>();

  /** The feeds as they are now, none of them shared; they last until the next call. */
  own(feeds: Feeds): Feeds {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, feed]) => [
        name,
        isShared(feed) ? this.#copy(name, feed) : feed,
      ]),
    );
  }

  #copy(name: string, { dataType, shape, data }: Tensor<DataType>): Tensor<DataType> {
    const known = this.#copies.get(name);
    if (known?.dataType === dataType && known.data.length === data.length) {
      (known.data as Float32Array).set(data as Float32Array);
      return typedTensor(dataType, shape, known.data);
    }
    const copy = typedTensor(dataType, shape, data.slice());
    this.#copies.set(name, copy);
    return copy;
  }
}
