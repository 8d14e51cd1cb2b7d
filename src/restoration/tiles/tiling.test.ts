import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { largestDifference, waves } from '../testing/images.js';
import {
  blendTile,
  cutScaledTile,
  cutTile,
  layOut,
  type TileSettings,
  tilesOf,
  touches,
} from './tiling.js';

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

test('an image that fits is one span', () => {
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

const settings = { size: 16, margin: 2, ramp: 4, multiple: 2 };
const image = waves(37, 29);
const size = [3, 37, 29] as const;
const whole = { top: 0, left: 0, height: 37, width: 29 };

test('tiles are numbered row by row and hold the pixels of their place', () => {
  const tiles = tilesOf(37, 29, settings);
  expect(tiles.map(({ index }) => index)).toEqual(tiles.map((_, index) => index));
  for (const tile of tiles) {
    const cut = cutTile(image.data, size, tile);
    const { rows, columns } = tile;
    expect(cut.shape).toEqual([1, 3, rows.length, columns.length]);
    const last = image.data[(2 * 37 + rows.start + rows.length - 1) * 29 + columns.start]!;
    expect(cut.data[cut.data.length - columns.length]).toBe(last);
  }
});

test.each([0, 4])('tiles that are cut and put back make the image (ramp %i)', (ramp) => {
  const result = tensor([...size]);
  for (const tile of tilesOf(37, 29, { ...settings, ramp }))
    blendTile(cutTile(image.data, size, tile), result.data, whole, tile);
  expect(largestDifference(result, image)).toBeLessThan(ramp === 0 ? 1e-12 : 1e-6);
});

test('tiles of enlarged pixels are put at their enlarged place', () => {
  const scale = 4;
  const large = waves(37 * scale, 29 * scale);
  const result = tensor(large.shape);
  const enlargedTiles = tilesOf(37, 29, settings, scale);
  for (const tile of enlargedTiles) {
    const place = (span: typeof tile.rows) => ({
      ...span,
      start: span.start * scale,
      length: span.length * scale,
    });
    const own = { ...tile, rows: place(tile.rows), columns: place(tile.columns) };
    const cut = cutTile(large.data, [3, 37 * scale, 29 * scale], own);
    blendTile(cut, result.data, { top: 0, left: 0, height: 37 * scale, width: 29 * scale }, tile);
  }
  expect(largestDifference(result, large)).toBeLessThan(1e-6);
});

test('a part of an image is made of the tiles that touch it alone', () => {
  const part = { top: 11, left: 5, height: 9, width: 13 };
  const tiles = tilesOf(37, 29, settings);
  const touching = tiles.filter((tile) => touches(tile, part, 1));
  expect(touching.length).toBeLessThan(tiles.length);
  const result = tensor([3, 9, 13]);
  for (const tile of touching) blendTile(cutTile(image.data, size, tile), result.data, part, tile);
  const all = tensor([...size]);
  for (const tile of tiles) blendTile(cutTile(image.data, size, tile), all.data, whole, tile);
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < 9; y += 1) {
      const from = (channel * 37 + 11 + y) * 29 + 5;
      const to = (channel * 9 + y) * 13;
      expect(result.data.subarray(to, to + 13)).toEqual(all.data.subarray(from, from + 13));
    }
});

test('scaled tiles are multiplied in double precision', () => {
  const doubles = Float64Array.from(image.data, (value) => value + 1e-9);
  const [tile] = tilesOf(37, 29, { ...settings, size: 64 });
  const cut = cutScaledTile(doubles, size, tile!, 1 / 3);
  expect(cut.data).toEqual(Float32Array.from(doubles, (value) => value * (1 / 3)));
});
