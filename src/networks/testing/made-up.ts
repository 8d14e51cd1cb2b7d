import { madeUpParameter } from '../../conformance/made-up-weights.js';
import { ParameterScope, type Value } from '../../graph/index.js';
import { asInputs, compile } from '../../graph/testing/evaluate.js';
import { type DataType, type Tensor, sizeOf, tensor } from '../../tensor/tensor.js';
import { parseConfiguration } from '../configuration.js';
import type { Network } from '../network.js';

/**
 * What a network makes of its inputs.
 * @param weightOf gives each parameter its value; default made-up weights.
 */
export async function madeUpOutput<C>(
  network: Network<C>,
  json: unknown,
  inputs: readonly Tensor<DataType>[],
  weightOf = madeUpParameter,
): Promise<Tensor> {
  const config = parseConfiguration(network, json);
  const { values, feeds } = asInputs(inputs);
  const scope = new ParameterScope();
  const y: Value = network.build(config, scope, values);
  const weights = new Map<string, Tensor>();
  for (const [name, { shape }] of scope.declared()) weights.set(name, weightOf(name, shape));
  const compiled = await compile({ y }, weights);
  try {
    return (await compiled.run(feeds)).y!;
  } finally {
    await compiled.release();
  }
}

/** Number of trainable scalars, and the names that were declared. */
export function parametersOf<C>(network: Network<C>, json: unknown) {
  const config = parseConfiguration(network, json);
  const { minimum } = network.sizeRule(config);
  const scope = new ParameterScope();
  const shapes = network.inputShapes(config, { batch: 1, height: minimum, width: minimum });
  network.build(config, scope, asInputs(shapes.map((shape) => tensor(shape))).values);
  const declared = [...scope.declared()];
  return {
    count: declared.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0),
    names: declared.map(([name]) => name),
    shapes: new Map(declared.map(([name, { shape }]) => [name, shape])),
  };
}

/**
 * How far an input pixel reaches: the largest distance, in input pixels along one axis, between a
 * changed pixel and an output pixel that changes with it.
 * @param changed one input whose entry at row and column `place` of every channel is altered.
 */
export async function reachOf<C>(
  network: Network<C>,
  json: unknown,
  inputs: readonly Tensor[],
  changed: { readonly input: number; readonly place: readonly [number, number] },
): Promise<number> {
  const before = await madeUpOutput(network, json, inputs);
  const altered = inputs.map((value, index) => {
    if (index !== changed.input) return value;
    const copy = tensor(value.shape, value.data.slice());
    const [, channels, height, width] = value.shape as [number, number, number, number];
    for (let channel = 0; channel < channels; channel += 1)
      copy.data[(channel * height + changed.place[0]) * width + changed.place[1]]! += 0.7;
    return copy;
  });
  const after = await madeUpOutput(network, json, altered);
  const scale = network.scale(parseConfiguration(network, json));
  const [height, width] = before.shape.slice(2) as [number, number];
  let reach = 0;
  for (let index = 0; index < before.data.length; index += 1) {
    if (before.data[index] === after.data[index]) continue;
    const row = Math.floor((Math.floor(index / width) % height) / scale);
    const column = Math.floor((index % width) / scale);
    reach = Math.max(reach, Math.abs(row - changed.place[0]), Math.abs(column - changed.place[1]));
  }
  return reach;
}
