import { expect, test } from 'vitest';
import { tensor } from '../src/tensor/tensor.js';
import { ParameterError } from '../src/utils/errors.js';
import { deviations, drawField } from './fields.js';

test('a field goes evenly from its left colour to its right one', () => {
  const field = drawField({ name: 'x', from: [0, 51, 255], to: [255, 51, 0] }, 3);
  expect(field.shape).toEqual([3, 3, 3]);
  const row = (channel: number) =>
    [...field.data.subarray(channel * 9 + 3, channel * 9 + 6)].map((value) => 255 * value);
  expect(row(0)).toEqual([0, 127.5, 255]);
  row(1).forEach((value) => void expect(value).toBeCloseTo(51, 4));
  expect(row(2)).toEqual([255, 127.5, 0]);
});

test('a shift is bias, alternation is grain, and squares of both add up', () => {
  const target = drawField({ name: 'x', from: [100, 100, 100], to: [100, 100, 100] }, 2);
  const offsets = [2, 2, 2, 2, 3, -3, 3, -3, 6, 0, 6, 0];
  const result = tensor(
    target.shape,
    target.data.map((value, place) => value + offsets[place]! / 255),
  );
  const [red, green, blue] = deviations([result, result], target);
  const near = (value: number) => expect.closeTo(value, 3);
  expect(red).toEqual({ bias: near(2), grain: near(0), rms: near(2) });
  expect(green).toEqual({ bias: near(0), grain: near(3), rms: near(3) });
  expect(blue).toEqual({ bias: near(3), grain: near(3), rms: near(Math.sqrt(18)) });
});

test('grain of several seeds is not told from their shifts by chance', () => {
  const target = drawField({ name: 'x', from: [9, 9, 9], to: [9, 9, 9] }, 2);
  const shifted = (levels: number) =>
    tensor(
      target.shape,
      target.data.map((value) => value + levels / 255),
    );
  const [red] = deviations([shifted(1), shifted(-1)], target);
  expect(red!.bias).toBeCloseTo(0, 4);
  expect(red!.grain).toBeCloseTo(0, 3);
  expect(red!.rms).toBeCloseTo(1, 4);
});

test('results of another size are refused', () => {
  const field = { name: 'x', from: [0, 0, 0], to: [0, 0, 0] } as const;
  expect(() => deviations([drawField(field, 2)], drawField(field, 3))).toThrow(ParameterError);
  expect(() => deviations([], drawField(field, 3))).toThrow(ParameterError);
});
