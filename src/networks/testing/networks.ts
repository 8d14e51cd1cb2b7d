import { fileURLToPath } from 'node:url';
import { loadCase, passes } from '../../conformance/case.js';
import { network as networkCase } from '../../conformance/kinds/network.js';
import { perceptual } from '../../conformance/kinds/perceptual.js';
import { madeUpParameter } from '../../conformance/network-case.js';
import { ParameterScope, type Value } from '../../graph/index.js';
import { asInputs, compile } from '../../graph/testing/evaluate.js';
import { at, filled } from '../../graph/testing/tensors.js';
import { type DataType, sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import {
  type ImageNetwork,
  type Network,
  networkInputs,
  outputScale,
  parseConfiguration,
} from '../network.js';

/**
 * The output of a network for given inputs.
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
  const scope = new ParameterScope();
  network.build(config, scope, networkInputs(network as Network, config));
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
  network: ImageNetwork<C>,
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
  const scale = outputScale(network as ImageNetwork, parseConfiguration(network, json));
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

/** [N, C, H, W] mirrored downwards and to the right to multiples of a size, borders not doubled. */
export function mirroredToMultiple(image: Tensor, multiple: number): Tensor {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const [rows, columns] = [height, width].map((extent) => multiple * Math.ceil(extent / multiple));
  return filled([batch, channels, rows!, columns!], (n, c, row, column) =>
    at(image, n!, c!, mirror(row!, height), mirror(column!, width)),
  );
}

function mirror(place: number, extent: number): number {
  return extent === 1 ? 0 : Math.abs(((place + extent - 1) % (2 * extent - 2)) - (extent - 1));
}

const folder = new URL('../../../conformance/', import.meta.url);

/**
 * Runs a shipped conformance case of a network: its parameters by name and shape, its buffers and
 * aliases, and its output or score. True where all agree with the reference.
 */
export async function agreesWithReference(name: string): Promise<boolean> {
  const [json, safetensors] = ['json', 'safetensors'].map((ending) =>
    fileURLToPath(new URL(`${name}.${ending}`, folder)),
  ) as [string, string];
  const candidate = await loadCase({ name, json, safetensors });
  const kind = perceptual.recognises(candidate) ? perceptual : networkCase;
  const result = await kind.run(candidate);
  return !('skip' in result) && passes(result);
}
