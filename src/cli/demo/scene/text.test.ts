import { expect, test } from 'vitest';
import { Canvas, sceneSize } from './canvas.js';
import { glyphOf } from './glyphs.js';
import { textWidth, write } from './text.js';

const characters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.,/'"];

test('every character has a drawing of its own', () => {
  const drawings = characters.map((character) => JSON.stringify(glyphOf(character).lines));
  const shared = drawings.filter((drawing, index) => drawings.indexOf(drawing) !== index);
  // O and 0 are one drawing.
  expect(shared).toHaveLength(1);
  for (const character of characters)
    for (const [x, y] of glyphOf(character).lines.flat())
      expect(x >= 0 && x <= 5 && y >= 0 && y <= 6).toBe(true);
  expect(glyphOf('é').lines).toEqual([]);
});

test('an L has ink at its stem and its foot, and none between them', () => {
  const size = 64;
  const unit = sceneSize / size;
  const canvas = new Canvas(size);
  const foot = [10 * unit, 50 * unit] as const;
  write(canvas, 'L', foot, { height: 36 * unit, weight: 0.1 }, () => [1, 1, 1]);
  const { data } = canvas.toImage();
  const at = (x: number, y: number) => data[y * size + x]!;
  expect(at(10, 20)).toBeGreaterThan(0.9);
  expect(at(10, 45)).toBeGreaterThan(0.9);
  expect(at(30, 50)).toBeGreaterThan(0.9);
  expect(at(30, 20)).toBe(0);
  expect(at(40, 50)).toBe(0);
});

test('the width of a text is that of what is written', () => {
  const canvas = new Canvas(128);
  write(canvas, 'MILE', [0, 100], { height: 60, weight: 0.1 }, () => [1, 1, 1]);
  const { data } = canvas.toImage();
  let last = 0;
  for (let index = 0; index < 128 * 128; index++)
    if (data[index]! > 0) last = Math.max(last, index % 128);
  // Half the pen reaches over the last line; the edge lies somewhere within a pixel of 4 units.
  expect(Math.abs((last + 0.5) * 4 - (textWidth('MILE', 60) + 3))).toBeLessThanOrEqual(2.5);
});
