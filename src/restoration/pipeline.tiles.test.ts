import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { loadPack } from '../models/packs.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { restoreImage } from './restore.js';
import { largestDifference, waves } from './testing/images.js';
import { compactPack, inexactPack } from './testing/packs.js';
import { layOutResult } from './tiles/tile-settings.js';
import type { Span } from './tiles/tiling.js';

const runner = await testRunner();

const compact = compactPack();

test.each([
  [1, 1],
  [1, 7],
  [5, 3],
])('an image of %i x %i is restored to four times its size', async (height, width) => {
  for (const pack of [compact, inexactPack()]) {
    const { image, tiles } = await restoreImage(waves(height, width), pack, runner);
    expect(image.shape).toEqual([3, 4 * height, 4 * width]);
    expect(tiles).toBe(1);
    expect(image.data.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
});

test.each([
  [33, 50, 128],
  [50, 33, 140],
  [61, 20, 164],
])(
  '%i x %i in tiles of %i: networks of finite reach give the bytes of the whole',
  async (height, width, tile) => {
    const image = waves(height, width);
    const whole = await restoreImage(image, compact, runner);
    const tiled = await restoreImage(image, compact, runner, { tile });
    expect(whole.tiles).toBe(1);
    expect(tiled.tiles).toBeGreaterThan(1);
    expect(largestDifference(tiled.restored, whole.restored)).toBe(0);
    expect(largestDifference(tiled.image, whole.image)).toBe(0);
  },
);

test('windows and global pooling make tiles differ, within a bound', async () => {
  const pack = inexactPack();
  const image = waves(20, 90);
  const settings = { tau: 250, steps: 1 };
  const whole = await restoreImage(image, pack, runner, settings);
  const tiled = await restoreImage(image, pack, runner, { ...settings, tile: 288 });
  expect(tiled.tiles).toBe(2);
  const difference = largestDifference(tiled.image, whole.image);
  expect(difference).toBeGreaterThan(1e-6);
  expect(difference).toBeLessThan(5e-4);
});

const twoThreads = await testRunner(2);

/** Edges, waves and texture, nothing of which repeats with tiles. */
function scene(height: number, width: number): Tensor {
  const made = tensor([3, height, width]);
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const edge = Math.sin(0.13 * x + 0.07 * y + channel) > 0 ? 0.2 : -0.2;
        const wave = 0.15 * Math.sin(0.31 * x - 0.23 * y);
        const grain =
          (((Math.imul(x * 7919 + y * 104729 + channel, 2654435761) >>> 8) & 255) / 255 - 0.5) *
          0.1;
        made.data[(channel * height + y) * width + x] = 0.5 + edge + wave + grain;
      }
  return made;
}

/** Mean step between each line of pixels and the one before, for lines 1, 2, ... */
function stepsBetween(image: Tensor, along: 'rows' | 'columns'): number[] {
  const [, height, width] = image.shape as [number, number, number];
  const [lines, length] = along === 'rows' ? [height, width] : [width, height];
  const at = (channel: number, line: number, place: number): number =>
    along === 'rows'
      ? image.data[(channel * height + line) * width + place]!
      : image.data[(channel * height + place) * width + line]!;
  return Array.from({ length: lines - 1 }, (_, index) => {
    let sum = 0;
    for (let channel = 0; channel < 3; channel += 1)
      for (let place = 0; place < length; place += 1)
        sum += Math.abs(at(channel, index + 1, place) - at(channel, index, place));
    return sum / (3 * length);
  });
}

/** Lines at which the weights of tiles change, counted from 1. */
function seamsOf(spans: readonly Span[]): number[] {
  const lines = new Set<number>();
  for (const { start, weights } of spans)
    for (let place = 1; place < weights.length; place += 1)
      if (weights[place] !== weights[place - 1]) lines.add(start + place);
  return [...lines];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Steps at seams against those at the same places untiled: of all together, and of each. */
function seamRatios(
  tiled: Tensor,
  whole: Tensor,
  spans: readonly Span[],
  along: 'rows' | 'columns',
): number[] {
  const steps = stepsBetween(tiled, along);
  const own = stepsBetween(whole, along);
  const seams = seamsOf(spans);
  expect(seams.length).toBeGreaterThan(0);
  return [
    mean(seams.map((line) => steps[line - 1]!)) / mean(seams.map((line) => own[line - 1]!)),
    ...seams.map((line) => steps[line - 1]! / own[line - 1]!),
  ];
}

test.each([
  ['networks of finite reach and random weights', () => compactPack(), 60, 200],
  ['networks without a finite reach and random weights', () => inexactPack(), 85, 288],
  ['the shipped pack', () => loadPack('sr4'), 100, 384],
] as const)(
  'the step across tile borders is that of the image: %s',
  async (_name, open, side, tile) => {
    const pack = await open();
    const [height, width] = [48, side];
    const settings = { tau: 9, steps: 1, seed: 1 };
    const restored = async (more: object) =>
      (await restoreImage(scene(height, width), pack, twoThreads, { ...settings, ...more })).image;
    const [tiled, whole] = [await restored({ tile }), await restored({ tile: 4096 })];
    const tiles = layOutResult(pack, { height: 4 * height, width: 4 * width, tile });
    const spans = tiles.map(({ columns }) => columns);
    for (const ratio of seamRatios(tiled, whole, spans, 'columns'))
      expect(ratio).toBeLessThanOrEqual(1.1);
  },
);

test('rows and columns are cut alike, and a step that were there would be seen', async () => {
  const pack = compactPack();
  const { image } = await restoreImage(scene(64, 64), pack, twoThreads, {
    tau: 9,
    steps: 1,
    tile: 200,
  });
  const rows = layOutResult(pack, { height: 256, width: 256, tile: 200 }).map((own) => own.rows);
  for (const ratio of seamRatios(image, image, rows, 'rows'))
    expect(ratio).toBeLessThanOrEqual(1.1);
  const seam = seamsOf(rows)[0]!;
  const brighter = image.data.map((value, place) =>
    Math.floor(place / 256) % 256 < seam ? value : value + 0.3,
  );
  const ratios = seamRatios(tensor(image.shape, brighter), image, rows, 'rows');
  expect(Math.max(...ratios)).toBeGreaterThan(1.1);
});
