import { expect, test } from 'vitest';
import { uniformAt } from '../tensor/random.js';
import { RunningMoments } from './samples.js';

test('mean and deviation are those of the definition, of all planes together', () => {
  const [count, length] = [50, 12];
  const arrays = Array.from({ length: count }, (_, own) =>
    Float32Array.from({ length }, (_, place) => 0.9 + 0.1 * uniformAt(own, 0, place)),
  );
  const moments = new RunningMoments(length);
  for (const values of arrays) moments.add(values);
  expect(moments.count).toBe(count);
  const mean = (of: (values: Float32Array) => number) =>
    arrays.reduce((sum, values) => sum + of(values), 0) / count;
  const variances = Array.from({ length }, (_, place) => {
    const own = mean((values) => values[place]!);
    expect(moments.mean[place]).toBeCloseTo(own, 6);
    return (mean((values) => (values[place]! - own) ** 2) * count) / (count - 1);
  });
  const deviation = moments.deviation(3);
  expect(deviation).toHaveLength(4);
  deviation.forEach((value, place) => {
    const pooled = (variances[place]! + variances[place + 4]! + variances[place + 8]!) / 3;
    expect(value / Math.sqrt(pooled)).toBeCloseTo(1, 4);
  });
});

test('equal arrays deviate by nothing', () => {
  const moments = new RunningMoments(3);
  for (let own = 0; own < 4; own += 1) moments.add(Float32Array.of(0.1, 0.5, 1));
  expect([...moments.deviation(1)]).toEqual([0, 0, 0]);
  expect([...moments.mean]).toEqual([...Float32Array.of(0.1, 0.5, 1)]);
});
