import { expect, test } from 'vitest';
import { Canvas, sceneSize } from './canvas.js';
import { light, toSrgb } from './colour.js';
import { ellipse, polygon, stroke } from './shapes.js';

const unit = sceneSize / 32;
const white = () => [1, 1, 1] as const;

/** Light summed over the image, in pixels. */
function area(canvas: Canvas): number {
  const { data } = canvas.toImage();
  return data.slice(0, 32 * 32).reduce((sum, value) => sum + light(Math.round(value * 255))[2], 0);
}

test('an edge within a pixel gives the mean of the light on both sides', () => {
  const canvas = new Canvas(32);
  canvas.paint({ left: 0, right: 1.5 * unit, top: 0, bottom: sceneSize }, white);
  const { data } = canvas.toImage();
  expect([data[0], data[2]]).toEqual([1, 0]);
  expect(data[1]).toBeCloseTo(toSrgb(0.5), 6);
});

test('a coarse shader fills whole squares of samples', () => {
  const canvas = new Canvas(32);
  let calls = 0;
  canvas.paint(
    { left: 0, right: sceneSize, top: 0, bottom: sceneSize },
    () => {
      calls++;
      return [0.5, 0, 0];
    },
    4,
  );
  expect(calls).toBe(32 * 32);
  const { data } = canvas.toImage();
  for (const value of data.subarray(0, 32 * 32)) expect(value).toBeCloseTo(toSrgb(0.5), 6);
});

test('ellipses, polygons and strokes cover the area of their geometry', () => {
  const round = new Canvas(32);
  ellipse(round, [256, 256], [10 * unit, 6 * unit], white);
  expect(area(round)).toBeCloseTo(Math.PI * 60, -0.5);

  const triangle = new Canvas(32);
  polygon(
    triangle,
    [
      [0, 0],
      [20 * unit, 0],
      [0, 16 * unit],
    ],
    white,
  );
  expect(area(triangle)).toBeCloseTo(160, -0.5);

  const line = new Canvas(32);
  stroke(line, [8 * unit, 16 * unit], [24 * unit, 16 * unit], [4 * unit, 4 * unit], white);
  expect(area(line)).toBeCloseTo(4 * 16 + Math.PI * 4, -0.5);
});

test('what is outside the scene is left out, and reading there gives the nearest edge', () => {
  const canvas = new Canvas(32);
  ellipse(canvas, [0, 0], [unit, unit], white);
  expect(canvas.at(-50, -50)).toEqual([1, 1, 1]);
  expect(canvas.at(600, 600)).toEqual([0, 0, 0]);
});
