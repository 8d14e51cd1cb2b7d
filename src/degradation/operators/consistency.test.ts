import { expect, test } from 'vitest';
import { fillNormal, uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor, typedTensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { roundToBytes } from '../degradation.js';
import {
  cautiousConsistency,
  makeConsistent,
  makeConsistentWithin,
  noiseDeviation,
  roundingDeviation,
} from './consistency.js';
import { bicubicReduction } from './linear-operators.js';

function uniform(shape: readonly number[], stream: number): Tensor {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return tensor(
    shape,
    Float32Array.from({ length }, (_, at) => uniformAt(7, stream, at)),
  );
}

test.each([
  [2, 64, 50],
  [3, 47, 66],
  [4, 96, 128],
  [8, 97, 120],
])(
  'without noise, the reduction by %i of the result is the measurement',
  (scale, height, width) => {
    const operator = bicubicReduction(scale, height, width);
    const measurement = uniform([3, operator.output.height, operator.output.width], 1);
    const estimate = uniform([3, height, width], 2);
    const before = estimate.data.slice();
    const result = makeConsistent(operator, estimate, measurement);
    const reduced = operator.apply(result).data;
    const worst = reduced.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - measurement.data[at]!)),
      0,
    );
    expect(worst).toBeLessThan(1e-6);
    expect(estimate.data).toEqual(before);
  },
);

test('the projection moves orthogonally to the images that A sends to zero', () => {
  const operator = bicubicReduction(4, 32, 32);
  const original = uniform([1, 32, 32], 3);
  const estimate = uniform([1, 32, 32], 4);
  const result = makeConsistent(operator, estimate, operator.apply(original));
  const error = ({ data }: Tensor) =>
    data.reduce((sum, value, at) => sum + (value - original.data[at]!) ** 2, 0);
  const moved = result.data.reduce((sum, value, at) => sum + (value - estimate.data[at]!) ** 2, 0);
  // Pythagoras: what the projection moves is orthogonal to what is left.
  expect(error(estimate)).toBeCloseTo(error(result) + moved, 2);
});

test('with noise it is the mean of the posterior of the linear Gaussian model', () => {
  const [height, width, noiseVariance, priorVariance] = [6, 5, 0.02, 0.3];
  const operator = bicubicReduction(2, height, width);
  const columns = height * width;
  const rows = operator.output.height * operator.output.width;
  const matrix = Array.from({ length: columns }, (_, at) => {
    const unit = typedTensor('float64', [1, height, width], new Float64Array(columns));
    unit.data[at] = 1;
    return operator.apply(unit).data;
  });
  const estimate = uniform([1, height, width], 5);
  const measurement = uniform([1, operator.output.height, operator.output.width], 6);
  // Precision form: (A^T A / noise + I / prior) x = A^T y / noise + x0 / prior.
  const system = matrix.map((column, i) => {
    const line = matrix.map((other, j) => {
      const product = column.reduce((sum, value, k) => sum + value * other[k]!, 0);
      return product / noiseVariance + (i === j ? 1 / priorVariance : 0);
    });
    let right = estimate.data[i]! / priorVariance;
    for (let k = 0; k < rows; k++) right += (column[k]! * measurement.data[k]!) / noiseVariance;
    return [...line, right];
  });
  const expected = eliminate(system);
  const { data } = makeConsistent(operator, estimate, measurement, {
    noiseVariance,
    priorVariance,
  });
  for (const [at, value] of expected.entries()) expect(data[at]).toBeCloseTo(value, 6);
});

test('the more noise, the less the estimate moves', () => {
  const operator = bicubicReduction(4, 64, 64);
  const estimate = uniform([1, 64, 64], 8);
  const measurement = tensor([1, 16, 16]);
  const noise = new Float32Array(256);
  fillNormal(noise, 1, 1);
  measurement.data.set(operator.apply(estimate).data.map((value, at) => value + 0.1 * noise[at]!));
  const moves = [0, 1e-4, 1e-3, 1e-2].map((noiseVariance) => {
    const { data } = makeConsistent(operator, estimate, measurement, {
      noiseVariance,
      priorVariance: 0.01,
    });
    return data.reduce((sum, value, at) => sum + (value - estimate.data[at]!) ** 2, 0);
  });
  expect(moves).toEqual([...moves].sort((a, b) => b - a));
  expect(moves[3]!).toBeLessThan(0.1 * moves[0]!);
});

test('within [0, 1] each round brings the measurement nearer', () => {
  const operator = bicubicReduction(4, 64, 64);
  // An image with black and white areas, of which the estimate lies partly outside the range.
  const original = uniform([1, 64, 64], 9);
  original.data.forEach((value, at) => {
    original.data[at] = Math.min(1, Math.max(0, 3 * value - 1));
  });
  const measurement = operator.apply(original);
  const estimate = tensor(
    [1, 64, 64],
    uniform([1, 64, 64], 10).data.map((value) => 2 * value - 0.5),
  );
  const distances = [1, 2, 4].map((rounds) => {
    const result = makeConsistentWithin(operator, estimate, measurement, { rounds });
    expect(result.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    const reduced = operator.apply(result).data;
    return reduced.reduce((sum, value, at) => sum + (value - measurement.data[at]!) ** 2, 0);
  });
  expect(distances[1]!).toBeLessThan(0.5 * distances[0]!);
  expect(distances[2]!).toBeLessThan(0.5 * distances[1]!);
});

test('with noise, rounds keep what the first one made of the measurement', () => {
  const operator = bicubicReduction(4, 32, 32);
  const [estimate, measurement] = [uniform([1, 32, 32], 11), uniform([1, 8, 8], 12)];
  const options = { noiseVariance: 0.01, priorVariance: 0.1 };
  const first = makeConsistent(operator, estimate, measurement, options);
  const goal = operator.apply(first).data;
  const { data } = makeConsistentWithin(operator, estimate, measurement, {
    ...options,
    rounds: 50,
  });
  const reduced = operator.apply(tensor([1, 32, 32], data)).data;
  for (const [at, value] of goal.entries()) expect(reduced[at]).toBeCloseTo(value, 4);
});

test('wrong arguments are named', () => {
  const operator = bicubicReduction(2, 8, 8);
  const [estimate, measurement] = [uniform([3, 8, 8], 1), uniform([3, 4, 4], 1)];
  expect(() => makeConsistent(operator, measurement, measurement)).toThrow(withSubject('image'));
  expect(() => makeConsistent(operator, estimate, estimate)).toThrow(withSubject('measurement'));
  expect(() => makeConsistent(operator, estimate, uniform([1, 4, 4], 1))).toThrow(
    withSubject('measurement'),
  );
  expect(() => makeConsistent(operator, estimate, measurement, { noiseVariance: -1 })).toThrow(
    /noiseVariance/,
  );
  expect(() => makeConsistentWithin(operator, estimate, measurement, { rounds: 0 })).toThrow(
    /rounds/,
  );
  expect(() => makeConsistent(operator, estimate, measurement, { noiseVariance: 1 })).toThrow(
    ParameterError,
  );
});

/** Gauss-Jordan elimination of [matrix | right-hand side]. */
function eliminate(system: number[][]): number[] {
  for (let pivot = 0; pivot < system.length; pivot++)
    for (const [row, line] of system.entries()) {
      if (row === pivot) continue;
      const factor = line[pivot]! / system[pivot]![pivot]!;
      for (let at = pivot; at < line.length; at++) line[at]! -= factor * system[pivot]![at]!;
    }
  return system.map((line, row) => line.at(-1)! / line[row]!);
}

/** A slope on the left; texture of squares of one pixel on the right `textured` columns. */
function scene(size: number, textured: number): Tensor {
  const data = Float32Array.from({ length: 3 * size * size }, (_, at) => {
    const x = at % size;
    const y = Math.floor(at / size) % size;
    return x < size - textured ? 0.2 + (0.5 * x + 0.1 * y) / size : uniformAt(1, 0, y * size + x);
  });
  return tensor([3, size, size], data);
}

function noisy({ shape, data }: Tensor, deviation: number, seed = 1): Tensor {
  const noise = new Float32Array(data.length);
  fillNormal(noise, seed, 3);
  return tensor(
    shape,
    data.map((value, at) => value + deviation * noise[at]!),
  );
}

test.each([1, 2, 5, 10])('noise of %i levels is found beside texture', (levels) => {
  const found = 255 * noiseDeviation(noisy(scene(96, 48), levels / 255));
  expect(found).toBeGreaterThan(0.8 * levels);
  expect(found).toBeLessThan(1.05 * levels);
});

test('a slope has no noise, rounded to 8 bits it has no more than a level', () => {
  const clean = scene(96, 48);
  expect(noiseDeviation(clean)).toBeLessThan(1e-6);
  const rounded = tensor(clean.shape, roundToBytes(clean.data.slice()));
  expect(noiseDeviation(rounded)).toBeLessThan(1 / 255);
});

test('it is in units of the values and does not depend on planes added', () => {
  const image = noisy(scene(64, 0), 0.01);
  const other = tensor(
    image.shape,
    image.data.map((value, at) => 3 * value + 0.01 * (at % 64)),
  );
  expect(noiseDeviation(other)).toBeCloseTo(3 * noiseDeviation(image), 6);
});

test('a clean measurement is believed to rounding, a noisy one as far as its noise allows', () => {
  const clean = scene(64, 10);
  expect(cautiousConsistency(clean, 0.002)).toEqual({
    noiseVariance: roundingDeviation ** 2,
    priorVariance: 0.002,
  });
  const { noiseVariance } = cautiousConsistency(noisy(clean, 5 / 255), 0.002);
  expect(255 * Math.sqrt(noiseVariance!)).toBeGreaterThan(4);
  expect(cautiousConsistency(clean, 0.002, 2 / 255).noiseVariance).toBeCloseTo((2 / 255) ** 2, 12);
});

test('noise in a measurement enters the exact result and little of it the cautious one', () => {
  const original = scene(160, 0);
  const operator = bicubicReduction(4, 160, 160);
  const measurement = noisy(operator.apply(original), 5 / 255);
  const error = ({ data }: Tensor) =>
    data.reduce((sum, value, at) => sum + (value - original.data[at]!) ** 2, 0) / data.length;
  const exact = makeConsistent(operator, original, measurement);
  const options = cautiousConsistency(measurement, 0.002);
  const cautious = makeConsistent(operator, original, measurement, options);
  expect(error(exact)).toBeGreaterThan(2e-4);
  expect(error(cautious)).toBeLessThan(0.1 * error(exact));
});

test('small images tell nothing, wrong arguments are named', () => {
  expect(noiseDeviation(noisy(scene(9, 0), 0.1))).toBe(0);
  expect(() => noiseDeviation(tensor([64, 64]))).toThrow(withSubject('image'));
  expect(() => cautiousConsistency(scene(16, 0), 0)).toThrow(withSubject('priorVariance'));
  expect(() => cautiousConsistency(scene(16, 0), 1, -1)).toThrow(ParameterError);
});
