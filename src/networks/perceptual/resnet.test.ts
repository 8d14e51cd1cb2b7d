import { expect, test } from 'vitest';
import { madeUpParameter } from '../../conformance/network-case.js';
import { conv2d, ParameterScope } from '../../graph/index.js';
import { asInputs, evaluate } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import {
  isBatchCount,
  normalizedConvolution,
  normalizedForImagenet,
  RESNET50,
  resnetChannels,
  resnetFeatures,
  resnetOf,
} from './resnet.js';

function madeUp(scope: ParameterScope): Map<string, Tensor> {
  return new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
}

test('normalises what a convolution makes by the means and variances of its parameters', async () => {
  const x = sample([2, 3, 5, 6], 1);
  const { values, feeds } = asInputs([x]);
  const scope = new ParameterScope();
  const layer = { filters: 4, kernel: 3, stride: 2, padding: 1, names: ['conv1', 'bn1'] } as const;
  const y = normalizedConvolution(scope, values[0]!, layer);
  const z = conv2d(values[0]!, scope.declared().get('conv1.weight')!, undefined, {
    stride: 2,
    padding: 1,
  });
  const weights = madeUp(scope);
  const results = await evaluate({ y, z }, feeds, weights);
  const of = (name: string, channel: number) => weights.get(`bn1.${name}`)!.data[channel]!;
  const expected = filled(results.z!.shape, (n, channel, row, column) => {
    const value = at(results.z!, n!, channel!, row!, column!) - of('running_mean', channel!);
    const deviation = Math.sqrt(of('running_var', channel!) + 1e-5);
    return (value / deviation) * of('weight', channel!) + of('bias', channel!);
  });
  expectClose(results.y!, expected);
});

test('has the parameters of ResNet-50 without its classifier, and features that round up', () => {
  const { values } = asInputs([tensor([1, 3, 37, 70])]);
  const scope = new ParameterScope();
  const features = resnetFeatures(RESNET50, scope, values[0]!);
  expect(features.map(({ shape }) => shape)).toEqual([
    [1, 64, 19, 35],
    [1, 256, 10, 18],
    [1, 512, 5, 9],
    [1, 1024, 3, 5],
    [1, 2048, 2, 3],
  ]);
  expect(resnetChannels(RESNET50)).toEqual(features.map(({ shape }) => shape[1]));
  const declared = [...scope.declared()];
  const learned = declared.filter(([name]) => !name.includes('running'));
  // 25,557,032 published, less 2048 * 1000 + 1000 of the classifier.
  expect(learned.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0)).toBe(23_508_032);
  expect(declared.filter(([name]) => /^layer\d\.\d\.downsample\.0/.test(name))).toHaveLength(4);
});

test('is found in a state dictionary with its depths and its width', () => {
  for (const config of [
    RESNET50,
    { depths: [3, 4, 23, 3], width: 64 },
    { depths: [1], width: 8 },
  ]) {
    const scope = new ParameterScope();
    const { values } = asInputs([tensor([1, 3, 8, 8])]);
    resnetFeatures(config, scope.child('net'), values[0]!);
    const state = new Map([...scope.declared()].map(([name, { shape }]) => [name, shape]));
    expect(resnetOf(state, 'net.')).toEqual(config);
    expect(resnetOf(state, 'other.')).toBeUndefined();
  }
});

test('takes images less the mean, over the deviation', async () => {
  const { values, feeds } = asInputs([
    filled([1, 3, 1, 2], (_, c, __, column) => c! / 4 + column!),
  ]);
  const { y } = await evaluate({ y: normalizedForImagenet(values[0]!) }, feeds);
  const expected = [-0.485, 1 - 0.485, 0.25 - 0.456, 1.25 - 0.456, 0.5 - 0.406, 1.5 - 0.406];
  const deviations = [0.229, 0.229, 0.224, 0.224, 0.225, 0.225];
  const ratios = expected.map((value, place) => value / deviations[place]!);
  expectClose(y!, tensor([1, 3, 1, 2], ratios));
});

test('the counts of training are no weights', () => {
  expect(isBatchCount('semantic_model.bn1.num_batches_tracked')).toBe(true);
  expect(isBatchCount('semantic_model.bn1.running_mean')).toBe(false);
});
