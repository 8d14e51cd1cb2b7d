import { expect, test } from 'vitest';
import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { antialiasedWeights, cubic, interpolationWeights, poolingWeights } from './resampling.js';

const cubicWeights = (from: number, to: number) =>
  interpolationWeights(from, to, cubic, { reach: 2, antialias: false });

const samples = [0, 1, -2, 4, 0.5];

function applied({ shape, data }: Tensor): number[] {
  const [to, from] = shape as [number, number];
  return Array.from({ length: to }, (_, row) =>
    samples.reduce((sum, sample, column) => sum + sample * data[row * from + column]!, 0),
  );
}

// The expected numbers are PyTorch's, of interpolate and adaptive_avg_pool2d along one axis.
test.each([
  [cubicWeights, [0.48148107528686523, -2, 1.9351861476898193]],
  [
    cubicWeights,
    [
      -0.09283447265625, 0.67205810546875, 0.87567138671875, -1.73724365234375, -0.401947021484375,
      3.837860107421875, 2.48883056640625, 0.175079345703125,
    ],
  ],
  [antialiasedWeights, [0.13636356592178345, 1.3863635063171387]],
  [antialiasedWeights, [0.4285714030265808, 0, 2]],
  [
    antialiasedWeights,
    [0, 0.5714285373687744, 0.14285683631896973, -2, 2.285715103149414, 2.5, 0.5],
  ],
  [poolingWeights, [-0.3333333432674408, 0.8333333134651184]],
  [poolingWeights, [0.5, 1, 2.25]],
  [poolingWeights, [0.5, -0.5, 1, 2.25]],
])('%o gives what PyTorch gives: %j', (weights, expected) => {
  const received = applied(weights(samples.length, expected.length));
  for (const [place, value] of expected.entries()) expect(received[place]).toBeCloseTo(value, 5);
});

test.each([cubicWeights, antialiasedWeights, poolingWeights])(
  '%o to as many places changes nothing, and every row sums to 1',
  (weights) => {
    expect(applied(weights(samples.length, samples.length))).toEqual(samples);
    for (const [from, to] of [
      [1, 4],
      [4, 1],
      [32, 7],
      [5, 32],
    ] as const) {
      const { data } = weights(from, to);
      for (let row = 0; row < to; row += 1) {
        const sum = data.slice(row * from, (row + 1) * from).reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(1, 6);
      }
    }
  },
);

test('refuses an axis without places', () => {
  expect(() => poolingWeights(0, 1)).toThrow(ParameterError);
  expect(() => cubicWeights(3, 1.5)).toThrow('positive integer');
});
