import * as ort from 'onnxruntime-node';
import { type DataArray, type DataType, type Tensor, typedTensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { lowerToOnnx } from '../lowering/lower.js';
import type { Value } from '../value.js';

export type Feeds = Readonly<Record<string, Tensor<DataType>>>;

/** A graph compiled by the runtime; `release` it when done. */
export interface Compiled {
  run(feeds: Feeds): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** Lowers a graph and compiles it for one CPU thread. */
export function compile(
  outputs: Readonly<Record<string, Value>>,
  weights?: ReadonlyMap<string, Tensor>,
): Promise<Compiled> {
  return compileModel(
    lowerToOnnx(weights === undefined ? { outputs } : { outputs, weights }).bytes,
  );
}

/** Compiles an ONNX model for one CPU thread. */
export async function compileModel(bytes: Uint8Array): Promise<Compiled> {
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return {
    run: async (feeds) => {
      const results = await session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, wrap(value)])),
      );
      return Object.fromEntries(
        Object.entries(results).map(([name, { type, dims, data }]) => [
          name,
          typedTensor(type as DataType, dims, data as DataArray) as Tensor,
        ]),
      );
    },
    release: () => session.release(),
  };
}

/** Runs a graph once: the values of `outputs` for the given inputs. */
export async function evaluate(
  outputs: Readonly<Record<string, Value>>,
  feeds: Feeds = {},
  weights?: ReadonlyMap<string, Tensor>,
): Promise<Record<string, Tensor>> {
  return once(await compile(outputs, weights), feeds);
}

/** Compiles an ONNX model and runs it once. */
export async function runModel(bytes: Uint8Array, feeds: Feeds): Promise<Record<string, Tensor>> {
  return once(await compileModel(bytes), feeds);
}

async function once(compiled: Compiled, feeds: Feeds): Promise<Record<string, Tensor>> {
  try {
    return await compiled.run(feeds);
  } finally {
    await compiled.release();
  }
}

/** What `build` makes of the given tensors. */
export async function evaluateOn(
  build: (...values: Value[]) => Value,
  tensors: readonly Tensor<DataType>[],
): Promise<Tensor> {
  const { values, feeds } = asInputs(tensors);
  return (await evaluate({ y: build(...values) }, feeds)).y!;
}

/** Graph inputs x0, x1, ... for the given tensors, and the feeds that go with them. */
export function asInputs(tensors: readonly Tensor<DataType>[]): {
  readonly values: Value[];
  readonly feeds: Record<string, Tensor<DataType>>;
} {
  return {
    values: tensors.map(({ shape, dataType }, place) => input(`x${place}`, shape, dataType)),
    feeds: Object.fromEntries(tensors.map((value, place) => [`x${place}`, value])),
  };
}

function wrap({ dataType, data, shape }: Tensor<DataType>): ort.Tensor {
  return new ort.Tensor(dataType as 'float32', data as Float32Array<ArrayBuffer>, shape);
}
