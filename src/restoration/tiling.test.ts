import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { largestDifference, waves } from './testing/pictures.js';
import { blendTile, cutScaledTile, cutTile, tilesOf, touches } from './tiling.js';

const settings = { size: 16, margin: 2, ramp: 4, multiple: 2 };
const picture = waves(37, 29);
const size = [3, 37, 29] as const;
const whole = { top: 0, left: 0, height: 37, width: 29 };

test('tiles are numbered row by row and hold the pixels of their place', () => {
  const tiles = tilesOf(37, 29, settings);
  expect(tiles.map(({ index }) => index)).toEqual(tiles.map((_, index) => index));
  for (const tile of tiles) {
    const cut = cutTile(picture.data, size, tile);
    const { rows, columns } = tile;
    expect(cut.shape).toEqual([1, 3, rows.length, columns.length]);
    const last = picture.data[(2 * 37 + rows.start + rows.length - 1) * 29 + columns.start]!;
    expect(cut.data[cut.data.length - columns.length]).toBe(last);
  }
});

test.each([0, 4])('tiles that are cut and put back make the picture (ramp %i)', (ramp) => {
  const result = tensor([...size]);
  for (const tile of tilesOf(37, 29, { ...settings, ramp }))
    blendTile(cutTile(picture.data, size, tile), result.data, whole, tile);
  expect(largestDifference(result, picture)).toBeLessThan(ramp === 0 ? 1e-12 : 1e-6);
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

test('a part of a picture is made of the tiles that touch it alone', () => {
  const part = { top: 11, left: 5, height: 9, width: 13 };
  const tiles = tilesOf(37, 29, settings);
  const touching = tiles.filter((tile) => touches(tile, part, 1));
  expect(touching.length).toBeLessThan(tiles.length);
  const result = tensor([3, 9, 13]);
  for (const tile of touching)
    blendTile(cutTile(picture.data, size, tile), result.data, part, tile);
  const all = tensor([...size]);
  for (const tile of tiles) blendTile(cutTile(picture.data, size, tile), all.data, whole, tile);
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < 9; y += 1) {
      const from = (channel * 37 + 11 + y) * 29 + 5;
      const to = (channel * 9 + y) * 13;
      expect(result.data.subarray(to, to + 13)).toEqual(all.data.subarray(from, from + 13));
    }
});

test('scaled tiles are multiplied in double precision', () => {
  const doubles = Float64Array.from(picture.data, (value) => value + 1e-9);
  const [tile] = tilesOf(37, 29, { ...settings, size: 64 });
  const cut = cutScaledTile(doubles, size, tile!, 1 / 3);
  expect(cut.data).toEqual(Float32Array.from(doubles, (value) => value * (1 / 3)));
});
