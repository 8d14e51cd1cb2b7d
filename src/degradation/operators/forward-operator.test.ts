import { expect, test } from 'vitest';
import { LimitError, ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { conjugateGradients, solveByConjugateGradients } from './forward-operator.js';
import { bicubicReduction } from './linear-operators.js';
import { largestDifference, normalImage } from './testing/operator-properties.js';

const diagonal =
  (values: readonly number[]) =>
  (vector: Float64Array, into: Float64Array): void => {
    for (const [at, value] of values.entries()) into[at] = value * vector[at]!;
  };
const ones = (length: number) => new Float64Array(length).fill(1);

test('n distinct eigenvalues take n steps', () => {
  const multiply = diagonal([1, 4, 9, 9]);
  const limits = { tolerance: 1e-12, maxIterations: 3 };
  const solution = conjugateGradients(multiply, ones(4), limits);
  expect(largestDifference(solution, [1, 1 / 4, 1 / 9, 1 / 9])).toBeLessThan(1e-12);
  expect(() => conjugateGradients(multiply, ones(4), { ...limits, maxIterations: 2 })).toThrow(
    LimitError,
  );
});

test('a right-hand side of zero has the solution zero', () => {
  expect(conjugateGradients(diagonal([1, 2]), new Float64Array(2))).toEqual(new Float64Array(2));
});

test('what is not positive definite is refused rather than answered', () => {
  expect(() => conjugateGradients(diagonal([1, 0]), ones(2))).toThrow(LimitError);
  expect(() => conjugateGradients(diagonal([1, -2]), ones(2))).toThrow(/relative residual/);
  expect(() => conjugateGradients(diagonal([1, Number.NaN]), ones(2))).toThrow(LimitError);
});

test('from apply and adjoint alone it finds what the closed form gives', () => {
  const operator = bicubicReduction(2, 30, 23);
  const residual = normalImage(operator.output, 5);
  const found = solveByConjugateGradients(operator, residual, 0, { tolerance: 1e-12 });
  const closed = operator.solve(residual, 0);
  expect(largestDifference(found.data, closed.data)).toBeLessThan(1e-9);
});

test('wrong limits are named', () => {
  const attempt = (limits: object) => () => conjugateGradients(diagonal([1]), ones(1), limits);
  expect(attempt({ tolerance: 0 })).toThrow(withSubject('tolerance'));
  expect(attempt({ maxIterations: 1.5 })).toThrow(ParameterError);
});
