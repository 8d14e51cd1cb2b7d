import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { mosaic } from './mosaic.js';

test('every plane keeps the colour and the place of its filter', () => {
  const code = (colour: number, y: number, x: number) => 100 * colour + 10 * y + x;
  const height = 4;
  const width = 6;
  const data = Array.from({ length: 3 * height * width }, (_, at) =>
    code(Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width),
  );
  const planes = mosaic(tensor([3, height, width], data));
  expect(planes.shape).toEqual([4, 2, 3]);
  for (let y = 0; y < 2; y++)
    for (let x = 0; x < 3; x++) {
      const at = (plane: number) => planes.data[(plane * 2 + y) * 3 + x];
      expect(at(0)).toBe(code(0, 2 * y, 2 * x));
      expect(at(1)).toBe(code(1, 2 * y, 2 * x + 1));
      expect(at(2)).toBe(code(1, 2 * y + 1, 2 * x));
      expect(at(3)).toBe(code(2, 2 * y + 1, 2 * x + 1));
    }
});

test('odd sides are refused', () => {
  expect(() => mosaic(tensor([3, 3, 4]))).toThrow(ParameterError);
  expect(() => mosaic(tensor([3, 4, 5]))).toThrow(/even/);
  expect(() => mosaic(tensor([4, 4, 4]))).toThrow(/image/);
});
