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
            for (const sameSize of [false, true])
              cases.push({ size, margin, ramp, multiple, extent, sameSize });

const largest = (weights: Float32Array): number => Math.max(0, ...weights);

test('weights add up to one at every pixel', () => {
  expect(cases.length).toBeGreaterThan(500);
  for (const { extent, ...settings } of cases) {
    for (const scale of [1, 4]) {
      const sums = new Float64Array(extent * scale);
      for (const { start, weights } of layOut(extent, settings, scale))
        weights.forEach((weight, index) => {
          sums[start * scale + index]! += weight;
        });
      expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-5);
    }
  }
});

test('spans stay inside, start at multiples, and nothing within the margin of a cut counts', () => {
  for (const { extent, ...settings } of cases)
    for (const scale of [1, 4])
      for (const { start, length, weights } of layOut(extent, settings, scale)) {
        expect(start % settings.multiple).toBe(0);
        expect(length).toBeLessThanOrEqual(settings.size);
        expect(start + length).toBeLessThanOrEqual(extent);
        expect(weights.length).toBe(length * scale);
        const margin = settings.margin * scale;
        if (start > 0) expect(largest(weights.subarray(0, margin))).toBe(0);
        if (start + length < extent)
          expect(largest(weights.subarray(weights.length - margin))).toBe(0);
      }
});

test('without a ramp every pixel comes from one span alone', () => {
  for (const { extent, ...settings } of cases.filter(({ ramp }) => ramp === 0))
    for (const { weights } of layOut(extent, settings, 4))
      expect(weights.every((weight) => weight === 0 || weight === 1)).toBe(true);
});

test('all spans but the last have one length', () => {
  for (const { extent, ...settings } of cases) {
    const lengths = layOut(extent, settings).map(({ length }) => length);
    expect(new Set(lengths.slice(0, -1)).size).toBeLessThanOrEqual(1);
    expect(lengths.at(-1)!).toBeLessThanOrEqual(lengths[0]!);
  }
});

test('spans of one size have it, but for the last', () => {
  for (const { extent, ...settings } of cases.filter(({ sameSize }) => sameSize)) {
    const size = Math.floor(settings.size / settings.multiple) * settings.multiple;
    const lengths = layOut(extent, settings).map(({ length }) => length);
    if (lengths.length > 1)
      expect(lengths.slice(0, -1)).toEqual(lengths.slice(0, -1).map(() => size));
    expect(lengths.at(-1)!).toBeGreaterThan(lengths.length > 1 ? size - settings.multiple : 0);
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
