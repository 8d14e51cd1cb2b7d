import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { demosaicBilinear, mosaic } from './mosaic.js';

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
  expect(() => mosaic(tensor([3, 4, 5]))).toThrow(withSubject('image'));
  expect(() => mosaic(tensor([4, 4, 4]))).toThrow(withSubject('image'));
});

function testImage(
  height: number,
  width: number,
  value: (c: number, y: number, x: number) => number,
) {
  return tensor(
    [3, height, width],
    Float32Array.from({ length: 3 * height * width }, (_, at) =>
      value(Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width),
    ),
  );
}

function at({ shape, data }: Tensor, c: number, y: number, x: number): number {
  return data[(c * shape[1]! + y) * shape[2]! + x]!;
}

test('a constant colour comes out exactly, at the border too', () => {
  for (const [height, width] of [
    [2, 2],
    [6, 10],
  ] as const) {
    const image = testImage(height, width, (c) => [0.3, 0.7, 0.1][c]!);
    expect(demosaicBilinear(mosaic(image))).toEqual(image);
  }
});

test('a linear ramp is exact away from the outermost line', () => {
  // Whole numbers, so that means of four are exact in float32.
  const image = testImage(8, 12, (c, y, x) => 16 * (c + 1) * y + 4 * (3 - c) * x);
  const result = demosaicBilinear(mosaic(image));
  for (let c = 0; c < 3; c++)
    for (let y = 1; y < 7; y++)
      for (let x = 1; x < 11; x++) expect(at(result, c, y, x)).toBe(at(image, c, y, x));
});

test('measured samples are kept', () => {
  const image = testImage(6, 6, (c, y, x) => ((7 * c + 5 * y + 3 * x) % 11) / 11);
  const result = demosaicBilinear(mosaic(image));
  expect(mosaic(result)).toEqual(mosaic(image));
});

test('a single sample spreads over its neighbours with bilinear weights', () => {
  const packed = tensor([4, 3, 3]);
  packed.data[4] = 1;
  const red = demosaicBilinear(packed);
  const around = [1, 2, 3].map((y) => [1, 2, 3].map((x) => at(red, 0, y, x)));
  expect(around).toEqual([
    [0.25, 0.5, 0.25],
    [0.5, 1, 0.5],
    [0.25, 0.5, 0.25],
  ]);
  packed.data.fill(0);
  packed.data[9 + 4] = 1;
  const green = demosaicBilinear(packed);
  expect([1, 2, 3].map((y) => [2, 3, 4].map((x) => at(green, 1, y, x)))).toEqual([
    [0, 0.25, 0],
    [0.25, 1, 0.25],
    [0, 0.25, 0],
  ]);
});

test('other shapes are refused', () => {
  expect(() => demosaicBilinear(tensor([3, 2, 2]))).toThrow(ParameterError);
});
