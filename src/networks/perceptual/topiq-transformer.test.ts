import { expect, test } from 'vitest';
import { ParameterScope } from '../../graph/index.js';
import { asInputs, evaluate } from '../../graph/testing/evaluate.js';
import { expectClose, filled, sample } from '../../graph/testing/tensors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { attention } from './topiq-transformer.js';

const [batch, length, memoryLength, channels, heads] = [2, 3, 5, 6, 2];
const depth = channels / heads;

test('is softmax(Q K^T / sqrt(depth)) V per head, mapped once more', async () => {
  const tokens = sample([batch, length, channels], 1);
  const memory = sample([batch, memoryLength, channels], 2);
  const weights = new Map([
    ['in_proj_weight', sample([3 * channels, channels], 3)],
    ['in_proj_bias', sample([3 * channels], 4)],
    ['out_proj.weight', sample([channels, channels], 5)],
    ['out_proj.bias', sample([channels], 6)],
  ]);
  const { values, feeds } = asInputs([tokens, memory]);
  const scope = new ParameterScope();
  const y = attention(scope, values[0]!, values[1]!, heads);
  expect([...scope.declared().keys()].sort()).toEqual([...weights.keys()].sort());
  expectClose((await evaluate({ y }, feeds, weights)).y!, expected(tokens, memory, weights), 1e-5);
});

function expected(tokens: Tensor, memory: Tensor, weights: ReadonlyMap<string, Tensor>): Tensor {
  const project = (x: Tensor, n: number, token: number, row: number): number => {
    const places = x.shape[1]!;
    let sum = weights.get('in_proj_bias')!.data[row]!;
    for (let c = 0; c < channels; c += 1)
      sum +=
        weights.get('in_proj_weight')!.data[row * channels + c]! *
        x.data[(n * places + token) * channels + c]!;
    return sum;
  };
  const mixed = (n: number, token: number, channel: number): number => {
    const head = Math.floor(channel / depth);
    const scores = Array.from({ length: memoryLength }, (_, other) => {
      let product = 0;
      for (let c = head * depth; c < (head + 1) * depth; c += 1)
        product += project(tokens, n, token, c) * project(memory, n, other, channels + c);
      return Math.exp(product / Math.sqrt(depth));
    });
    const total = scores.reduce((a, b) => a + b);
    return scores.reduce(
      (sum, score, other) =>
        sum + (score / total) * project(memory, n, other, 2 * channels + channel),
      0,
    );
  };
  return filled([batch, length, channels], (n, token, channel) => {
    let sum = weights.get('out_proj.bias')!.data[channel!]!;
    for (let c = 0; c < channels; c += 1)
      sum += weights.get('out_proj.weight')!.data[channel! * channels + c]! * mixed(n!, token!, c);
    return sum;
  });
}
