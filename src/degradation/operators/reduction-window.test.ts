import { expect, test } from 'vitest';
import { uniformAt } from '../../tensor/random.js';
import { sizeOf, type Tensor, tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import { ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { makeConsistent } from './consistency.js';
import { bicubicReduction } from './linear-operators.js';
import { reductionReach, reductionWindow } from './reduction-window.js';
import { largestDifference } from './testing/operator-properties.js';

/** The hardest images: every value 0 or 1, so that measurement and estimate disagree by much. */
function extreme(shape: readonly number[], stream: number): Tensor {
  const length = sizeOf(shape);
  return tensor(
    shape,
    Float32Array.from({ length }, (_, at) => Math.round(uniformAt(5, stream, at))),
  );
}

test.each([
  [2, undefined],
  [3, undefined],
  [4, undefined],
  [8, undefined],
  [4, { noiseVariance: 1e-3, priorVariance: 0.1 }],
])('by %i, windows of 512 x 384 pixels give the pixels of the whole (%o)', (scale, options) => {
  const operator = bicubicReduction(scale, 384, 512);
  const estimate = extreme([1, 384, 512], 1);
  const measurement = extreme([1, operator.output.height, operator.output.width], 2);
  const whole = makeConsistent(operator, estimate, measurement, options);
  const parts = [
    { left: 0, top: 0, width: 130, height: 97 },
    { left: 201, top: 150, width: 61, height: 30 },
    { left: 300, top: 203, width: 212, height: 181 },
  ];
  for (const part of parts) {
    const window = reductionWindow(operator, part);
    const made = makeConsistent(
      window.operator,
      cropped(estimate, window.input),
      cropped(measurement, window.output),
      options,
    );
    const expected = cropped(whole, part).data;
    expect(largestDifference(cropped(made, window.part).data, expected)).toBeLessThan(1e-6);
  }
});

test('a margin shorter than the reach is not enough', () => {
  const operator = bicubicReduction(4, 256, 256);
  const estimate = extreme([1, 256, 256], 1);
  const measurement = extreme([1, 64, 64], 2);
  const part = { left: 128, top: 128, width: 4, height: 4 };
  const window = reductionWindow(operator, part, 6);
  const made = makeConsistent(
    window.operator,
    cropped(estimate, window.input),
    cropped(measurement, window.output),
  );
  const whole = makeConsistent(operator, estimate, measurement);
  const difference = largestDifference(cropped(made, window.part).data, cropped(whole, part).data);
  expect(difference).toBeGreaterThan(1e-5);
});

test.each([2, 3, 4, 8])('by %i, what lies beyond the reach has no influence', (scale) => {
  for (const tolerance of [1e-7, 0.5 / 255 / 100]) {
    const reach = reductionReach(scale, tolerance);
    const count = 2 * reach + 13;
    const operator = bicubicReduction(scale, count * scale, count * scale);
    const middle = (count - 1) / 2;
    const beyond = extreme([1, count, count], 4);
    for (let y = 0; y < count; y++)
      for (let x = 0; x < count; x++)
        if (Math.max(Math.abs(x - middle), Math.abs(y - middle)) <= reach)
          beyond.data[y * count + x] = 0;
    const changed = makeConsistent(operator, tensor([1, count * scale, count * scale]), beyond);
    const seen = cropped(changed, {
      left: middle * scale,
      top: middle * scale,
      width: scale,
      height: scale,
    });
    expect(largestDifference(seen.data, new Float32Array(scale * scale))).toBeLessThan(tolerance);
  }
});

test('the reach falls with the tolerance and differs little between scales', () => {
  for (const scale of [2, 3, 4, 8]) {
    const reaches = [1e-12, 1e-7, 1e-4, 1].map((tolerance) => reductionReach(scale, tolerance));
    expect(reaches).toEqual([...reaches].sort((a, b) => b - a));
    expect(reaches[1]).toBeLessThanOrEqual(16);
    expect(reaches[1]).toBeGreaterThanOrEqual(15);
  }
});

test('windows begin at multiples of the scale and end there or with the image', () => {
  const operator = bicubicReduction(4, 203, 401);
  const window = reductionWindow(operator, { left: 101, top: 100, width: 50, height: 103 }, 5);
  expect(window.input).toEqual({ left: 80, top: 80, width: 92, height: 123 });
  expect(window.output).toEqual({ left: 20, top: 20, width: 23, height: 31 });
  expect(window.part).toEqual({ left: 21, top: 20, width: 50, height: 103 });
  expect(window.operator.input).toEqual({ height: 123, width: 92 });
});

test('wrong arguments are named', () => {
  const operator = bicubicReduction(4, 64, 64);
  const part = { left: 0, top: 0, width: 64, height: 64 };
  expect(() => reductionWindow(operator, { ...part, left: 1 })).toThrow(withSubject('part'));
  expect(() => reductionWindow(operator, part, 1.5)).toThrow(withSubject('margin'));
  expect(() => reductionReach(4, 0)).toThrow(ParameterError);
  expect(() => reductionReach(2.5)).toThrow(withSubject('scale'));
});
