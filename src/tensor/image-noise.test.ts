import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { fillNormalImage, imageNoise, normalAtPixel } from './image-noise.js';

const field = { seed: 7, stream: 3, channels: 3 };

function whole(height: number, width: number): Float64Array {
  const target = new Float64Array(3 * height * width);
  fillNormalImage(target, { ...field, top: 0, left: 0, height, width });
  return target;
}

test('check vector', () => {
  expect(normalAtPixel(7, 3, 2, 100, 57)).toBeCloseTo(0.7076625630507482, 14);
  expect(normalAtPixel(7, 250, 0, 0, 0)).toBeCloseTo(-1.6981374689737405, 14);
});

test('the noise of a tile is the crop of the noise, whatever the image size', () => {
  const [height, width] = [37, 2100];
  const image = whole(height, width);
  for (const [top, left, h, w] of [
    [0, 0, 5, 7],
    [11, 3, 20, 130],
    [36, 2099, 1, 1],
    [2, 1, 3, 2099],
  ] as const) {
    const tile = new Float64Array(3 * h * w);
    fillNormalImage(tile, { ...field, top, left, height: h, width: w });
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++)
          expect(tile[(c * h + y) * w + x]).toBe(image[(c * height + top + y) * width + left + x]);
  }
  expect(image[(1 * height + 9) * width + 1234]).toBe(normalAtPixel(7, 3, 1, 9, 1234));
});

test('single precision holds the same deviates', () => {
  const single = new Float32Array(3 * 4 * 6);
  fillNormalImage(single, { ...field, top: 0, left: 0, height: 4, width: 6 });
  expect([...single]).toEqual([...whole(4, 6)].map(Math.fround));
});

test('flat pieces of any length equal the whole', () => {
  const image = whole(9, 13);
  const noise = imageNoise({ seed: 7, height: 9, width: 13 });
  for (const length of [1, 5, 13, 100, 351]) {
    const joined: number[] = [];
    for (let first = 0; first < image.length; first += length) {
      const piece = new Float64Array(Math.min(length, image.length - first));
      noise(3, first, piece);
      joined.push(...piece);
    }
    expect(joined).toEqual([...image]);
  }
});

test('pieces of a placed image are the crop of the field', () => {
  const placed = new Float64Array(3 * 4 * 5);
  imageNoise({ seed: 7, height: 4, width: 5, top: 3, left: 6 })(3, 0, placed);
  const crop = new Float64Array(3 * 4 * 5);
  fillNormalImage(crop, { ...field, top: 3, left: 6, height: 4, width: 5 });
  expect([...placed]).toEqual([...crop]);
});

test('channels, rows, columns and streams are uncorrelated', () => {
  const size = 160;
  const base = whole(size, size);
  const plane = size * size;
  const bound = 4 / Math.sqrt(plane);
  for (const shift of [1, 4, size, plane, 2 * plane]) {
    let sum = 0;
    for (let i = 0; i < plane; i++) sum += base[i]! * base[i + shift]!;
    expect(Math.abs(sum / plane)).toBeLessThan(bound);
  }
  const other = new Float64Array(3 * plane);
  fillNormalImage(other, { ...field, stream: 4, top: 0, left: 0, height: size, width: size });
  const correlation = base.reduce((sum, x, i) => sum + x * other[i]!, 0) / base.length;
  expect(Math.abs(correlation)).toBeLessThan(bound);
});

test('wrong rectangles are refused by name', () => {
  const target = new Float32Array(12);
  const good = { ...field, top: 0, left: 0, height: 2, width: 2 };
  expect(() => fillNormalImage(target, { ...good, width: 3 })).toThrow(withSubject('target'));
  expect(() => fillNormalImage(target, { ...good, top: -1 })).toThrow(withSubject('top'));
  expect(() => fillNormalImage(target, { ...good, channels: 1.5 })).toThrow(
    withSubject('channels'),
  );
  expect(() => fillNormalImage(target, { ...good, seed: -3 })).toThrow(ParameterError);
  expect(() => imageNoise({ seed: 1, height: 2, width: 2 })(0, -1, target)).toThrow(
    withSubject('index'),
  );
  expect(() => imageNoise({ seed: 1, height: 0, width: 2 })(0, 0, target)).toThrow(
    withSubject('first'),
  );
});
