import { expect, test } from 'vitest';
import { testRunner } from '../../engine/testing/runners.js';
import { tensor } from '../../tensor/tensor.js';
import { LimitError, ParameterError } from '../../utils/errors.js';
import type { Pack } from '../pack.js';
import { PackGraphs } from '../pack-graphs.js';
import { joinDegraded, restoreImage } from '../restore.js';
import { largestDifference, waves } from '../testing/images.js';
import { compactPack, inexactPack } from '../testing/packs.js';
import type { Tile } from '../tiles/tiling.js';
import { estimateMemory, type MemoryRequest, planMemory } from './memory-plan.js';

const runner = await testRunner();

const pack = compactPack();
const MEBIBYTE = 2 ** 20;

const finish = (output: ReturnType<typeof tensor>) => output;

function largestOf(parts: readonly Tile[]) {
  return {
    rows: Math.max(...parts.map(({ rows }) => rows.length)),
    columns: Math.max(...parts.map(({ columns }) => columns.length)),
  };
}

/** The plan for a result of so many pixels, of an input that nobody looks at. */
function plan(own: Pack, [height, width]: readonly [number, number], request: MemoryRequest) {
  const input = {
    height: height / 4,
    width: width / 4,
    cut: () => tensor([1, 3, 1, 1]),
    finish,
  };
  const restoration = joinDegraded(input, own);
  const graphs = new PackGraphs(own, runner);
  const made = planMemory(restoration, graphs, request);
  const need = estimateMemory(restoration, graphs, { tile: made.tile, regions: made.layout.parts });
  const together = need + made.featureBytes + made.cachedBytes + 2 * (made.graphBytes ?? 0);
  return { ...made, need, together };
}

test('without a bound, or with a wide one, tiles and regions follow from pack and size', () => {
  const free = plan(pack, [8192, 8192], { steps: 2 });
  expect(free.tile).toBe(1024);
  expect(free.layout.parts.length).toBe(9);
  const wide = plan(pack, [8192, 8192], { steps: 2, memory: 16 * 1024 * MEBIBYTE });
  expect(wide.tile).toBe(free.tile);
  expect(wide.layout.parts).toEqual(free.layout.parts);
  expect(wide).toMatchObject({ featureBytes: free.featureBytes, cachedBytes: free.cachedBytes });
});

test('less memory means smaller tiles and regions, and never more than is allowed', () => {
  const size = [8192, 8192] as const;
  const areas: number[] = [];
  for (const mebibytes of [3072, 2048, 1024, 768]) {
    const { layout, together, need } = plan(pack, size, { steps: 2, memory: mebibytes * MEBIBYTE });
    expect(together).toBeLessThanOrEqual(mebibytes * MEBIBYTE);
    expect(need).toBeLessThanOrEqual(together);
    expect(layout.exact).toBe(true);
    areas.push(Math.max(...layout.parts.map(({ rows, columns }) => rows.length * columns.length)));
  }
  expect([...areas].sort((a, b) => b - a)).toEqual(areas);
  expect(areas.at(-1)).toBeLessThan(areas[0]! / 2);
});

test('images and samples that are held at the same time count', () => {
  const own = { steps: 2, tile: 1024, region: 4096 };
  const { need, layout } = plan(pack, [8192, 8192], own);
  const within = (more: object) => () =>
    plan(pack, [8192, 8192], { ...own, memory: need, ...more });
  expect(within({})().layout.parts).toEqual(layout.parts);
  expect(within({ images: 2 })).toThrow(LimitError);
  expect(within({ samples: 2 })).toThrow(LimitError);
});

test('what is held to its end counts, and rows of regions as they lie in the result', () => {
  const input = { height: 1024, width: 2048, cut: () => tensor([1, 3, 1, 1]), finish };
  const restoration = joinDegraded(input, pack);
  const graphs = new PackGraphs(pack, runner);
  const { layout } = planMemory(restoration, graphs, { steps: 1, region: 1024 });
  const need = (more: object) =>
    estimateMemory(restoration, graphs, { tile: 1024, regions: layout.parts, ...more });
  const { rows, columns } = largestOf(layout.parts);
  const [height, width] = [4096, 8192];
  expect(need({ collected: true }) - need({ collected: false })).toBe(12 * height * width);
  // The projection's copies are of one region.
  expect(need({ isConsistent: true }) - need({})).toBe(48 * rows * columns);
  const apart = { images: 5, collected: false };
  expect(need(apart) - need({ collected: false })).toBe(4 * 12 * rows * width);
  const turned = 12 * columns * height - 12 * rows * width + 12 * rows * columns;
  const handed = 256 * 40 * (height - width);
  expect(need({ transposed: true, collected: false }) - need({ collected: false })).toBe(
    turned + handed,
  );
});

test('whatever the memory, the bytes are the same', async () => {
  const image = waves(150, 140);
  const settings = { tau: 9, steps: 1, seed: 3 };
  const free = await restoreImage(image, pack, runner, settings);
  const memory = free.regions.count === 1 ? 315 * MEBIBYTE : 0;
  const short = await restoreImage(image, pack, runner, { ...settings, memory });
  expect(short.regions.count).toBeGreaterThan(1);
  expect(largestDifference(short.image, free.image)).toBe(0);
  expect(largestDifference(short.restored, free.restored)).toBe(0);
});

test('too little memory is refused, and the error says what is needed', () => {
  const call = () => plan(pack, [8192, 8192], { steps: 2, memory: 200 * MEBIBYTE });
  expect(call).toThrow(LimitError);
  const needed = /^memory: (\d+) MiB are needed and 200 MiB allowed/.exec(message(call));
  const memory = Number(needed?.[1]) * MEBIBYTE;
  expect(plan(pack, [8192, 8192], { steps: 2, memory }).need).toBeLessThanOrEqual(memory);
});

test('tiles that show in the result stay, and so does what was asked for by name', () => {
  const size = [2048, 2048] as const;
  const own = inexactPack();
  const { need } = plan(own, size, { steps: 1 });
  const memory = need - 10 * MEBIBYTE;
  const call = () => plan(own, size, { steps: 1, memory });
  expect(call).toThrow(LimitError);
  const advised = /ask for `tile` (\d+), which changes the layout/.exec(message(call));
  const tile = Number(advised?.[1]);
  expect(tile).toBeLessThan(1024);
  expect(plan(own, size, { steps: 1, memory, tile }).tile).toBe(tile);
  const asked = { steps: 2, memory: 400 * MEBIBYTE, tile: 1024, region: 4096 };
  expect(() => plan(pack, [8192, 8192], asked)).toThrow(LimitError);
});

test.each([0, -1, Number.NaN])('a bound of %s is refused', (memory) => {
  expect(() => plan(pack, [512, 512], { steps: 1, memory })).toThrow(ParameterError);
});

function message(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
