import { madeUpParameter, nameHash, uniform } from '../../src/conformance/made-up-weights.js';
import {
  buildTrainingStep,
  cost,
  gradients,
  input,
  lowerToOnnx,
  matmul,
  mul,
  ParameterScope,
  reduceMean,
  sub,
  type TrainingStep,
  type Value,
} from '../../src/graph/index.js';
import { parseConfiguration } from '../../src/networks/configuration.js';
import { findPerceptualNetwork } from '../../src/networks/perceptual/registry.js';
import { findNetwork } from '../../src/networks/registry.js';
import { sizeOf, type Tensor, tensor } from '../../src/tensor/tensor.js';
import type { BenchCase, MadeUpInput } from '../cases.js';

/** A case as a graph of ours. */
export interface BuiltCase {
  readonly onnx: Uint8Array;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly training: TrainingStep | undefined;
  /** Multiply-adds of one run. */
  readonly macs: number;
}

/**
 * Builds a case with weights and inputs that follow from their names.
 * @param channelBlock as in `lowerToOnnx`.
 */
export function buildCase(bench: BenchCase, channelBlock: number | undefined): BuiltCase {
  const values = bench.inputs.map(({ name, shape }) => input(name, shape));
  const inputs = Object.fromEntries(bench.inputs.map((item) => [item.name, madeUpInput(item)]));
  const scope = new ParameterScope();
  const [output, target] = outputOf(bench, scope, values);
  const weights = new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
  if (target === undefined) {
    const { bytes: onnx } = lowerToOnnx({ outputs: { output }, weights });
    return { onnx, inputs, weights, training: undefined, macs: cost([output]).macs };
  }
  const error = sub(output, target);
  const loss = reduceMean(mul(error, error), [0, 1, 2, 3], false);
  const trained = scope.declared();
  const training = buildTrainingStep({ loss, trained, channelBlock });
  const { macs } = cost([loss, ...gradients(loss, [...trained.values()])]);
  return { onnx: training.model.bytes, inputs, weights, training, macs };
}

/** The result and, of a training, the target that it is compared with. */
function outputOf(
  bench: BenchCase,
  scope: ParameterScope,
  values: readonly Value[],
): [output: Value, target?: Value] {
  if (bench.kind === 'product') return [matmul(values[0]!, values[1]!)];
  const network = findNetwork(bench.network) ?? findPerceptualNetwork(bench.network);
  if (network === undefined) throw new Error(`there is no network ${bench.network}`);
  const config = parseConfiguration(network, bench.config);
  if (bench.kind === 'inference') return [network.build(config, scope, values)];
  return [network.build(config, scope, values.slice(0, -1)), values.at(-1)!];
}

function madeUpInput({ name, shape, factor }: MadeUpInput): Tensor {
  const hash = nameHash(name);
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    (_, index) => factor * Math.fround((uniform(hash, index) + 1) / 2),
  );
  return tensor(shape, data);
}
