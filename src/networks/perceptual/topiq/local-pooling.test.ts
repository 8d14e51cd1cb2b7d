import { madeUpParameter } from '../../../conformance/made-up-weights.js';
import { ParameterScope, type Value, conv2d, gelu, mul, sigmoid, slice } from '../../../graph/index.js';
import { asInputs, evaluate } from '../../../graph/testing/evaluate.js';
import { expectClose, sample } from '../../../graph/testing/tensors.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { comparedFeatures, gatedFeatures } from './local-pooling.js';
import { expect, test } from 'vitest';

function madeUp(scope: ParameterScope): Map<string, Tensor> {
  return new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
}

test('gates one half of a convolution and weighs places by the other', async () => {
  const x = sample([2, 6, 5, 4], 1);
  const { values, feeds } = asInputs([x]);
  const scope = new ParameterScope();
  const y = gatedFeatures(scope, values[0]!, [5, 4]);

  const parameter = (name: string): Value => scope.declared().get(name)!;
  const layer = (value: Value, name: string, padding: number): Value =>
    conv2d(value, parameter(`${name}.weight`), parameter(`${name}.bias`), { padding });
  const both = layer(values[0]!, 'splitconv', 0);
  const hidden = gelu(layer(slice(both, 1, 6, 12), 'weight_blk.0', 0));
  const weights = sigmoid(layer(gelu(layer(hidden, 'weight_blk.2', 1)), 'weight_blk.4', 1));
  const z = mul(gelu(slice(both, 1, 0, 6)), weights);

  const results = await evaluate({ y, z }, feeds, madeUp(scope));
  expectClose(results.y!, results.z!);
});

test('takes means over the cells only where the features are larger both ways', () => {
  const shapeOf = (height: number, width: number, size: [number, number]) => {
    const { values } = asInputs([sample([1, 6, height, width], 1)]);
    return gatedFeatures(new ParameterScope(), values[0]!, size).shape;
  };
  expect(shapeOf(7, 5, [3, 2])).toEqual([1, 6, 3, 2]);
  expect(shapeOf(7, 2, [3, 2])).toEqual([1, 6, 7, 2]);
  expect(shapeOf(3, 9, [3, 2])).toEqual([1, 6, 3, 9]);
});

test('compares a picture with its reference by the distance of every feature', async () => {
  const [a, b] = [sample([1, 2, 4, 4], 1), sample([1, 2, 4, 4], 2)];
  const { values, feeds } = asInputs([a, b]);
  const scope = new ParameterScope();
  const y = comparedFeatures(scope, values[0]!, values[1]!, [4, 4]);
  const { data, shape } = (await evaluate({ y }, feeds, madeUp(scope))).y!;
  expect(shape).toEqual([1, 6, 4, 4]);
  for (let place = 0; place < 32; place += 1) {
    const weight = data[place]! / a.data[place]!;
    expect(weight).toBeGreaterThan(0);
    expect(weight).toBeLessThan(1);
    expect(data[32 + place]).toBeCloseTo(weight * b.data[place]!, 6);
    expect(data[64 + place]).toBeCloseTo(weight * Math.abs(a.data[place]! - b.data[place]!), 5);
  }
});
