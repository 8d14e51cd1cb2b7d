import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { uniformAt } from '../../tensor/random.js';
import { tensor } from '../../tensor/tensor.js';
import { makeConsistent } from './make-consistent.js';
import { masking } from './masking.js';
import { expectAdjoint, expectSolves } from './testing/operator-properties.js';

const mask = tensor(
  [7, 9],
  Float32Array.from({ length: 63 }, (_, at) => (uniformAt(1, 0, at) < 0.4 ? 0 : 1)),
);
const operator = masking(mask);
const image = (stream: number) =>
  tensor(
    [3, 7, 9],
    Float32Array.from({ length: 189 }, (_, at) => uniformAt(2, stream, at)),
  );

test('it is its own transpose, and A A^T is the identity on its range', () => {
  expectAdjoint(operator);
  expectSolves(operator, 0, 1e-15);
  expectSolves(operator, 0.3, 1e-14);
});

test('known pixels become those of the measurement, the others stay those of the estimate', () => {
  const [estimate, measurement] = [image(1), image(2)];
  const { data } = makeConsistent(operator, estimate, operator.apply(measurement));
  for (const [at, value] of data.entries()) {
    const source = mask.data[at % 63] === 1 ? measurement : estimate;
    expect(value).toBeCloseTo(source.data[at]!, 6);
  }
});

test('with noise known pixels lie between both by the ratio of the variances', () => {
  const [estimate, measurement] = [image(1), image(2)];
  const options = { noiseVariance: 0.01, priorVariance: 0.03 };
  const { data } = makeConsistent(operator, estimate, operator.apply(measurement), options);
  const known = mask.data.indexOf(1);
  const expected = 0.25 * estimate.data[known]! + 0.75 * measurement.data[known]!;
  expect(data[known]).toBeCloseTo(expected, 6);
});

test('wrong arguments are named', () => {
  expect(() => masking(tensor([1, 2, 2]))).toThrow(/mask: expected a tensor \[height, width\]/);
  expect(() => masking(tensor([1, 2], [1, 0.5]))).toThrow(ParameterError);
  expect(() => operator.apply(tensor([3, 9, 7]))).toThrow(/image/);
  expect(() => operator.solve(image(1), -1)).toThrow(/lambda/);
});
