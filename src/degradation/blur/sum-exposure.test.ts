import { expect, test } from 'vitest';
import { uniformAt } from '../../tensor/random.js';
import { emptyPlanes, type Planes } from './convolve.js';
import { drawRegion, type Region } from './moving-region.js';
import { sumExposure } from './sum-exposure.js';
import type { Exposure } from './trajectory.js';

const border = 16;
const [height, width] = [24, 40];

function filled(value: (x: number, y: number) => number): Planes {
  const planes = emptyPlanes(1, height, width, border);
  for (let y = -border; y < height + border; y++)
    for (let x = -border; x < width + border; x++)
      planes.data[(y + border) * planes.stride + x + border] = value(x, y);
  return planes;
}

/** A column of light or of cover from `left` to `right`, exclusive. */
const band = (left: number, right: number): Planes =>
  filled((x) => (x >= left && x < right ? 1 : 0));

const regionOf = (left: number, right: number): Region => ({
  cover: band(left, right),
  left,
  right,
  top: -border,
  bottom: height + border,
});

const still = (count: number) => new Float64Array(count);

function exposureOf(objects: readonly (readonly number[])[], camera?: readonly number[]): Exposure {
  const count = objects[0]!.length;
  return {
    weights: new Float64Array(count).fill(1 / count),
    x: camera ? Float64Array.from(camera) : still(count),
    y: still(count),
    angle: still(count),
    objects: objects.map((x) => ({ x: Float64Array.from(x), y: still(count) })),
  };
}

test('a moving region hides what is behind it for as long as it is there', () => {
  const scene = {
    image: band(0, 40),
    background: filled(() => 0.25),
    regions: [regionOf(10, 20)],
  };
  const light = sumExposure(scene, exposureOf([[-3, -1, 1, 3]]));
  const row = light.subarray(5 * width, 6 * width);
  // At x the region is there in as many of the four instants as 10 <= x - shift < 20.
  for (let x = 0; x < width; x++) {
    const covered = [-3, -1, 1, 3].filter((shift) => x - shift >= 10 && x - shift < 20).length;
    expect(row[x]).toBeCloseTo((covered + 0.25 * (4 - covered)) / 4, 6);
  }
});

test('of two regions the later is in front, at every instant', () => {
  const scene = {
    image: filled((x) => (x < 15 ? 0.5 : 1)),
    background: filled(() => 0),
    regions: [regionOf(8, 14), regionOf(16, 24)],
  };
  const shifts = [
    [0, 4, 8, 12],
    [0, 0, 0, 0],
  ];
  const light = sumExposure(scene, exposureOf(shifts));
  for (let x = 0; x < width; x++) {
    let expected = 0;
    for (const shift of shifts[0]!) {
      if (x >= 16 && x < 24) expected += 1 / 4;
      else if (x - shift >= 8 && x - shift < 14) expected += 0.5 / 4;
    }
    expect(light[10 * width + x]).toBeCloseTo(expected, 6);
  }
});

test('camera and object move together where the object is, the camera alone elsewhere', () => {
  const noise = filled((x, y) => uniformAt(1, 0, (y + border) * 100 + x + border));
  const scene = { image: noise, background: noise, regions: [regionOf(10, 30)] };
  const camera = [-2, 0, 2];
  const own = [-3, 0, 3];
  const light = sumExposure(scene, exposureOf([own], camera));
  const value = (x: number, y: number) => noise.data[(y + border) * noise.stride + x + border]!;
  for (let y = 0; y < height; y++) {
    const mean = (x: number, shifts: readonly number[]) =>
      shifts.reduce((sum, shift) => sum + value(x - shift, y) / 3, 0);
    for (const x of [0, 3, 36, 39]) expect(light[y * width + x]).toBeCloseTo(mean(x, camera), 6);
    for (const x of [16, 20, 24]) expect(light[y * width + x]).toBeCloseTo(mean(x, [-5, 0, 5]), 6);
  }
});

test('behind a region its surroundings go on, and at rest it covers what was changed', () => {
  for (let seed = 0; seed < 20; seed++) {
    const image = filled((x, y) => uniformAt(seed, 1, (y + border) * 100 + x + border));
    const background = { ...image, data: image.data.slice() };
    const { cover, ...box } = drawRegion({ minimum: 0.8, maximum: 0.8 }, 6, seed, 0, background);
    let changed = 0;
    for (let at = 0; at < image.data.length; at++) {
      const x = (at % image.stride) - border;
      const y = Math.floor(at / image.stride) - border;
      const within = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
      if (!within) expect(cover.data[at]).toBe(0);
      if (background.data[at] === image.data[at]) continue;
      changed++;
      expect(cover.data[at]).toBe(1);
    }
    expect(changed).toBeGreaterThan(0);
  }
});
