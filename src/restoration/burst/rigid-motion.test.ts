import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { cutTile, type Tile } from '../tiles/tiling.js';
import { cutMovedTile, inverseMotion, needsMove, placeInFrame } from './rigid-motion.js';

const size = [4, 40, 60] as const;
const [, height, width] = size;

/** Values that tell where they are from. */
const places = (offset: number) =>
  tensor(
    [...size],
    Float32Array.from({ length: 4 * height * width }, (_, at) => offset + at),
  );
const [frame, reference] = [places(0), places(1e5)];
const span = (start: number, length: number) => ({ start, length, weights: new Float32Array(0) });
const tile = (top: number, left: number): Tile => ({
  index: 0,
  rows: span(top, 16),
  columns: span(left, 20),
});

test('a tile without an offset has the pixels of its place', () => {
  const motion = { x: 0.4, y: -0.4, turn: 0 };
  expect(cutMovedTile(frame, reference, tile(8, 12), motion)).toEqual(
    cutTile(frame.data, size, tile(8, 12)),
  );
});

test('a tile is cut at the nearest whole offset of its own centre', () => {
  const shifted = cutMovedTile(frame, reference, tile(8, 12), { x: 5.4, y: -3.6, turn: 0 });
  expect(shifted).toEqual(cutTile(frame.data, size, tile(4, 17)));
  const turned = { x: 0, y: 0, turn: 0.1 };
  const centre = { x: 40 - 0.5 - 10, y: 8 - 0.5 + 8 };
  const found = placeInFrame(turned, { height, width }, centre);
  const [dx, dy] = [Math.round(found.x - centre.x), Math.round(found.y - centre.y)];
  expect(cutMovedTile(frame, reference, tile(8, 20), turned)).toEqual(
    cutTile(frame.data, size, tile(8 + dy, 20 + dx)),
  );
});

test('where the frame ends the reference stands in', () => {
  const cut = cutMovedTile(frame, reference, tile(20, 40), { x: 6.3, y: 4, turn: 0 });
  for (let y = 0; y < 16; y += 1)
    for (let x = 0; x < 20; x += 1) {
      const [row, column] = [20 + y, 40 + x];
      const isInside = row + 4 < height && column + 6 < width;
      const own = isInside ? (row + 4) * width + column + 6 : 1e5 + row * width + column;
      expect(cut.data[y * 20 + x]).toBe(own);
    }
});

test('a motion and the one back cancel out', () => {
  const motion = { x: 7, y: -3, turn: 0.02 };
  const there = placeInFrame(motion, { height, width }, { x: 5, y: 31 });
  const back = placeInFrame(inverseMotion(motion), { height, width }, there);
  expect(back.x).toBeCloseTo(5, 9);
  expect(back.y).toBeCloseTo(31, 9);
});

test('only frames that move two packed pixels somewhere need another place', () => {
  expect(needsMove({ x: 1.9, y: 0, turn: 0 }, size)).toBe(false);
  expect(needsMove({ x: 0, y: 2.1, turn: 0 }, size)).toBe(true);
  expect(needsMove({ x: 0, y: 0, turn: 0.06 }, size)).toBe(true);
});
