import { madeUpParameter, nameHash, uniform } from '../../src/conformance/network-case.js';
import {
  buildGradientGraph,
  buildTrainingStep,
  cost,
  defaultAdam,
  type GradientGraph,
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
import { parseConfiguration } from '../../src/networks/network.js';
import { findImageNetwork, findPerceptualNetwork } from '../../src/networks/registry.js';
import { sizeOf, type Tensor, tensor } from '../../src/tensor/tensor.js';
import type { TrainingDefinition } from '../../src/training/definition.js';
import type { Recipe } from '../../src/training/recipe.js';
import { lossOfMicroBatches, splitBatch } from '../../src/training/step/compile-step.js';
import type { BenchCase, MadeUpInput } from '../cases.js';

/** A training case as the trainer carries it out. */
export interface BuiltTraining {
  readonly recipe: Recipe;
  /** Where a step has several batches, the graph of one of them, which gives gradients. */
  readonly step: TrainingStep | GradientGraph;
}

/** A case as a graph of ours. */
export interface BuiltCase {
  readonly onnx: Uint8Array;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly training: BuiltTraining | undefined;
  /** Multiply-adds of one run. */
  readonly macs: number;
}

/**
 * Builds a case with weights and inputs that follow from their names.
 * @param channelBlock as in `lowerToOnnx`.
 */
export function buildCase(bench: BenchCase, channelBlock: number | undefined): BuiltCase {
  const inputs = Object.fromEntries(bench.inputs.map((item) => [item.name, madeUpInput(item)]));
  const { scope, output, target } = graphOf(bench, 1);
  const weights = new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
  if (target === undefined) {
    const { bytes: onnx } = lowerToOnnx({ outputs: { output }, weights });
    return { onnx, inputs, weights, training: undefined, macs: cost([output]).macs };
  }
  const loss = meanSquaredError(output, target);
  const { macs } = cost([loss, ...gradients(loss, [...scope.declared().values()])]);
  const recipe = recipeOf(bench, loss);
  if (recipe.accumulate === 1) {
    const step = buildTrainingStep({ loss, trained: scope.declared(), channelBlock });
    const training = { recipe, step };
    return { onnx: step.model.bytes, inputs, weights, training, macs };
  }
  const part = graphOf(bench, recipe.accumulate);
  const [batch] = part.target!.shape as [number];
  const ofCrops = (crops: number) => {
    const { output, target } = graphOf(bench, (batch / crops) * recipe.accumulate);
    return meanSquaredError(output, target!);
  };
  const step = buildGradientGraph({
    loss: lossOfMicroBatches(meanSquaredError(part.output, part.target!), batch, ofCrops),
    trained: part.scope.declared(),
    channelBlock,
  });
  const training = { recipe, step };
  return { onnx: step.model.bytes, inputs, weights, training, macs };
}

/** What the trainer takes from a recipe, with the batch divided as it would. */
function recipeOf({ inputs, rate }: BenchCase, loss: Value): Recipe {
  const recipe = {
    batch: inputs[0]!.shape[0]!,
    accumulate: 1,
    steps: 1e9,
    learningRate: rate,
    schedule: { kind: 'step', factor: 1, every: 1e9 },
    warmup: 0,
    average: 0,
    adam: defaultAdam,
    weightDecay: 0,
  } as unknown as Recipe;
  return splitBatch(recipe, { loss } as TrainingDefinition, {});
}

function meanSquaredError(output: Value, target: Value): Value {
  const error = sub(output, target);
  return reduceMean(mul(error, error), [0, 1, 2, 3], false);
}

/** The graph of a case, or of one of so many equal parts of its batch. */
function graphOf(bench: BenchCase, parts: number) {
  const values = bench.inputs.map(({ name, shape: [batch, ...rest] }) =>
    input(name, parts === 1 ? [batch!, ...rest] : [batch! / parts, ...rest]),
  );
  const scope = new ParameterScope();
  const [output, target] = outputOf(bench, scope, values);
  return { scope, output, target };
}

/** The result and, of a training, the target that it is compared with. */
function outputOf(
  bench: BenchCase,
  scope: ParameterScope,
  values: readonly Value[],
): [output: Value, target?: Value] {
  if (bench.kind === 'product') return [matmul(values[0]!, values[1]!)];
  const network = findImageNetwork(bench.network) ?? findPerceptualNetwork(bench.network);
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
