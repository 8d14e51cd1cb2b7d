import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { fillNormal, uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { roundToBytes } from '../round-to-bytes.js';
import { bicubicReduction } from './bicubic-reduction.js';
import { makeConsistent } from './make-consistent.js';
import { cautiousConsistency, noiseDeviation, roundingDeviation } from './measurement-noise.js';

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
  expect(() => noiseDeviation(tensor([64, 64]))).toThrow(/image/);
  expect(() => cautiousConsistency(scene(16, 0), 0)).toThrow(/priorVariance/);
  expect(() => cautiousConsistency(scene(16, 0), 1, -1)).toThrow(ParameterError);
});
