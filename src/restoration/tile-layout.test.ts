import { expect, test } from 'vitest';
import { ParameterError } from '../tensor/errors.js';
import { layOut, type TileSettings } from './tile-layout.js';

const cases: (TileSettings & { extent: number })[] = [];
for (const size of [64, 96, 320, 333])
  for (const margin of [0, 3, 12, 20])
    for (const ramp of [0, 5, 16])
      for (const multiple of [1, 4, 8])
        for (const extent of [1, 63, 65, 100, 321, 512, 1001])
          if (size - 2 * margin - ramp >= 4 * multiple)
            cases.push({ size, margin, ramp, multiple, extent });

test('weights add up to one at every pixel', () => {
  expect(cases.length).toBeGreaterThan(500);
  for (const { extent, ...settings } of cases) {
    const sums = new Float64Array(extent);
    for (const { start, weights } of layOut(extent, settings))
      weights.forEach((weight, index) => {
        sums[start + index]! += weight;
      });
    for (const sum of sums) expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
  }
});

test('spans stay inside, start at multiples, and nothing within the margin of a cut counts', () => {
  for (const { extent, ...settings } of cases)
    for (const { start, length, weights } of layOut(extent, settings)) {
      expect(start % settings.multiple).toBe(0);
      expect(length).toBeLessThanOrEqual(settings.size);
      expect(start + length).toBeLessThanOrEqual(extent);
      for (let index = 0; index < settings.margin; index += 1) {
        if (start > 0) expect(weights[index]).toBe(0);
        if (start + length < extent) expect(weights[length - 1 - index]).toBe(0);
      }
    }
});

test('all spans but the last have one length', () => {
  for (const { extent, ...settings } of cases) {
    const lengths = layOut(extent, settings).map(({ length }) => length);
    expect(new Set(lengths.slice(0, -1)).size).toBeLessThanOrEqual(1);
    expect(lengths.at(-1)!).toBeLessThanOrEqual(lengths[0]!);
  }
});

test('a picture that fits is one span', () => {
  const [span, ...others] = layOut(64, { size: 64, margin: 30, ramp: 10, multiple: 8 });
  expect(others).toEqual([]);
  expect(span).toMatchObject({ start: 0, length: 64 });
});

test('tiles that margins use up are refused with the least size', () => {
  const narrow = { size: 64, margin: 30, ramp: 0, multiple: 8 };
  expect(() => layOut(100, narrow)).toThrow(ParameterError);
  expect(() => layOut(100, narrow)).toThrow('at least 72 pixels');
  expect(layOut(100, { ...narrow, size: 72 }).length).toBeGreaterThan(1);
});
