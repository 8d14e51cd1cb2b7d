import { describe, expect, test } from 'vitest';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gradients } from '../training/differentiate.js';
import { mul } from './elementwise.js';
import { layerNorm, softmax } from './normalization.js';
import { reduceSum } from './reductions.js';

describe('layerNorm', () => {
  function layerNormReference([x, weight, bias]: Tensor[], epsilon: number): Tensor {
    const width = x!.shape.at(-1)!;
    return filled(x!.shape, (...index) => {
      const row = Array.from({ length: width }, (_, k) => at(x!, ...index.slice(0, -1), k));
      const mean = row.reduce((sum, value) => sum + value, 0) / width;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      const k = index.at(-1)!;
      return ((row[k]! - mean) / Math.sqrt(variance + epsilon)) * at(weight!, k) + at(bias!, k);
    });
  }

  const tensors = [sample([2, 2, 5], 1), sample([5], 2), sample([5], 3)];

  test.each([1e-5, 0.1])('normalises the last axis with epsilon %d', async (epsilon) => {
    const result = await evaluateOn((x, w, b) => layerNorm(x!, w!, b!, epsilon), tensors);
    expectClose(result, layerNormReference(tensors, epsilon), 3e-6);
    await checkGradients((x, w, b) => layerNorm(x!, w!, b!, epsilon), tensors);
  });

  test('the gradient can be differentiated again', async () => {
    await checkGradients(
      (x, w, b) => {
        const y = layerNorm(x!, w!, b!, 0.1);
        return gradients(reduceSum(mul(y, mul(y, y)), [0, 1]), [x!])[0]!;
      },
      [sample([2, 4], 1), sample([4], 2), sample([4], 3)],
    );
  });

  test('refuses weights and biases of another width, and integers', () => {
    const [x, five, four] = [input('x', [2, 5]), input('w', [5]), input('b', [4])];
    expect(() => layerNorm(x, four, five)).toThrow(ParameterError);
    expect(() => layerNorm(x, five, four)).toThrow(ParameterError);
    expect(() => layerNorm(x, five, input('b', [1, 5]))).toThrow(ParameterError);
    expect(() => layerNorm(input('x', [2, 5], 'int64'), five, five)).toThrow(ParameterError);
  });
});

describe('softmax', () => {
  function softmaxReference(x: Tensor): Tensor {
    return filled(x.shape, (row, column) => {
      let sum = 0;
      for (let k = 0; k < x.shape[1]!; k += 1)
        sum += Math.exp(at(x, row!, k) - at(x, row!, column!));
      return 1 / sum;
    });
  }

  test('normalises exponentials over the last axis', async () => {
    const x = sample([3, 5], 1, { low: -3, high: 3 });
    expectClose(await evaluateOn((v) => softmax(v!), [x]), softmaxReference(x));
  });

  test('does not overflow', async () => {
    const x = tensor([1, 3], [1000, 1001, -1000]);
    expectClose(await evaluateOn((v) => softmax(v!), [x]), softmaxReference(x));
  });

  test('gradients, once and again', async () => {
    const x = sample([2, 3, 4], 2, { low: -2, high: 2 });
    await checkGradients((v) => softmax(v!), [x]);
    await checkGradients(
      (v) => gradients(reduceSum(mul(softmax(v!), mul(v!, v!)), [0, 1]), [v!])[0]!,
      [sample([2, 3], 3)],
    );
  });

  test('refuses integers', () => {
    expect(() => softmax(input('x', [2], 'int64'))).toThrow(ParameterError);
  });
});
