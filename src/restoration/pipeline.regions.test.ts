import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { ParameterError } from '../utils/errors.js';
import {
  planRestoration,
  type RestoreProgress,
  restoreRegions,
  runRestoration,
} from './pipeline.js';
import { joinImage, restoreImage } from './restore.js';
import { largestDifference, waves } from './testing/images.js';
import { compactPack, inexactPack } from './testing/packs.js';
import { countingRunner } from './testing/runners.js';
import { RowWindow } from './tiles/assemble-regions.js';
import { layOutRegions } from './tiles/tile-settings.js';
import { rectangleOf, tilesOf } from './tiles/tiling.js';

const runner = await testRunner();

const pack = compactPack();
const image = waves(111, 130);
const settings = { tau: 9, steps: 1, seed: 3 };

test('regions whose margins cover the chain give the bytes of the whole', async () => {
  const whole = await restoreImage(image, pack, runner, settings);
  expect(whole.regions).toEqual({ count: 1, exact: true });
  const regions = await restoreImage(image, pack, runner, { ...settings, region: 388 });
  expect(regions.regions).toEqual({ count: 4, exact: true });
  expect(largestDifference(regions.restored, whole.restored)).toBe(0);
  expect(largestDifference(regions.image, whole.image)).toBe(0);
  const tiled = { ...settings, region: 388, tile: 200 };
  const both = await restoreImage(image, pack, runner, tiled);
  expect(both.tiles).toBeGreaterThan(regions.tiles);
  expect(largestDifference(both.image, whole.image)).toBe(0);
});

test('steps that reach further than margins may are blended, and the result says so', async () => {
  const steps = { tau: 9, steps: 3, seed: 3 };
  const whole = await restoreImage(image, pack, runner, steps);
  const regions = await restoreImage(image, pack, runner, { ...steps, region: 388 });
  expect(regions.regions).toEqual({ count: 4, exact: false });
  expect(largestDifference(regions.restored, whole.restored)).toBeLessThan(2e-7);
  expect(largestDifference(regions.image, whole.image)).toBeLessThan(1e-3);
});

test('networks without a finite reach are never called exact', () => {
  const { exact, parts } = layOutRegions(inexactPack(), { height: 900, width: 300 }, 1, 600);
  expect(parts.length).toBeGreaterThan(1);
  expect(exact).toBe(false);
});

test('large results are cut, and a margin grows with the steps', () => {
  const cut = (height: number, width: number, steps = 2) =>
    layOutRegions(pack, { height, width }, steps);
  expect(cut(4096, 8192).parts).toHaveLength(1);
  const { parts, exact } = cut(12000, 16000);
  expect(exact).toBe(true);
  for (const { rows, columns } of parts) {
    expect(rows.length).toBeLessThanOrEqual(4096);
    expect(columns.length).toBeLessThanOrEqual(4096);
  }
  const overlap = (steps: number): number => {
    const spans = cut(20000, 4000, steps).parts.map(({ rows }) => rows);
    return spans[0]!.start + spans[0]!.length - spans[1]!.start;
  };
  expect(overlap(1)).toBeGreaterThanOrEqual(2 * 60);
  expect(overlap(4)).toBeGreaterThanOrEqual(4 * 2 * 60);
  expect(cut(20000, 4000, 11).exact).toBe(true);
  expect(cut(20000, 4000, 12).exact).toBe(false);
});

test.each([0, 1.5, 40])('a region of %s is refused', async (region) => {
  const call = restoreImage(image, pack, runner, { ...settings, region });
  await expect(call).rejects.toThrow(ParameterError);
  await expect(call).rejects.toThrow('region: expected');
});

test('each tile of the restoration network runs once though regions share it', async () => {
  const counting = countingRunner(runner);
  const options = { ...settings, region: 388, tile: 200 };
  const seen: RestoreProgress[] = [];
  const { macs, restorerTiles } = await restoreImage(image, pack, counting, {
    ...options,
    onProgress: (progress) => seen.push(progress),
  });
  expect(counting.runs.get('restore')).toBe(restorerTiles);
  expect(seen[0]).toMatchObject({ phase: 'starting', done: 0, total: macs });
  expect(seen.at(-1)!.done).toBe(macs);
  for (const [index, { done }] of seen.entries())
    if (index > 0) expect(done).toBeGreaterThan(seen[index - 1]!.done);
});

test('regions in another order are the same regions', async () => {
  const restoration = joinImage(image, pack);
  const options = { ...settings, region: 388 };
  const run = async (turn: boolean) => {
    const made = new Map<number, Float32Array>();
    const plan = planRestoration(restoration, runner, options);
    const regions = turn ? [...plan.regions].reverse() : plan.regions;
    await runRestoration(
      { ...plan, regions },
      ({ region, image: own }) => void made.set(region.index, own.data),
    );
    return made;
  };
  const [forth, back] = [await run(false), await run(true)];
  expect([...back.keys()]).toEqual([...forth.keys()].reverse());
  for (const [index, data] of forth) expect(back.get(index)).toEqual(data);
});

test.each([
  [{ size: 64, margin: 4, ramp: 8, multiple: 4 }, 1e-6],
  [{ size: 48, margin: 4, ramp: 0, multiple: 4 }, 0],
  [{ size: 1000, margin: 0, ramp: 0, multiple: 1 }, 0],
])('rows come from the top to the bottom once they are finished (%o)', async (cut, tolerance) => {
  const [height, width] = [301, 97];
  const large = waves(height, width);
  const regions = tilesOf(height, width, cut);
  const rows: Float32Array[][] = [[], [], []];
  let top = 0;
  const window = new RowWindow(regions, width, ({ shape, data }) => {
    const area = shape[1]! * width;
    for (let channel = 0; channel < 3; channel += 1)
      rows[channel]!.push(data.slice(channel * area, (channel + 1) * area));
    top += shape[1]!;
  });
  for (const [index, region] of regions.entries()) {
    await window.add(region, cropped(large, rectangleOf(region)));
    expect(top).toBe(regions[index + 1]?.rows.start ?? height);
  }
  const joined = rows.flat().flatMap((part) => [...part]);
  expect(largestDifference(tensor([3, height, width], joined), large)).toBeLessThanOrEqual(
    tolerance,
  );
});

const sampledImage = waves(31, 33);

test.each([{}, { region: 110 }])(
  'samples have the pixels of runs with their seeds, and share x_IR (%o)',
  async (cut) => {
    const settings = { tau: 6, steps: 2, eta: 0.5, ...cut };
    const counting = countingRunner(runner);
    const progress: RestoreProgress[] = [];
    const made = new Map<string, Float32Array>();
    const options = { ...settings, seed: 7, samples: 3 };
    const facts = await restoreRegions(
      joinImage(sampledImage, pack),
      counting,
      { ...options, onProgress: (own) => progress.push(own) },
      ({ region, sample, image: own }) => void made.set(`${region.index} ${sample}`, own.data),
    );
    expect(progress.at(-1)).toMatchObject({ done: facts.macs, total: facts.macs });
    expect(facts.nfe).toBe(3);
    const single = countingRunner(runner);
    for (const sample of [0, 1, 2]) {
      await restoreRegions(
        joinImage(sampledImage, pack),
        single,
        { ...settings, seed: 7 + sample },
        ({ region, image: own }) => expect(made.get(`${region.index} ${sample}`)).toEqual(own.data),
      );
      if (sample > 0) continue;
      expect(counting.runs.get('restore')).toBe(single.runs.get('restore'));
      expect(counting.runs.get('precompute')).toBe(single.runs.get('precompute'));
      expect(counting.runs.get('evaluate')).toBe(3 * single.runs.get('evaluate')!);
    }
    expect(made.get('0 0')).not.toEqual(made.get('0 1'));
  },
);

test('an image in memory is one sample', async () => {
  const many = await restoreImage(sampledImage, pack, runner, { samples: 2, seed: 3 });
  const one = await restoreImage(sampledImage, pack, runner, { seed: 3 });
  expect(many.image.data).toEqual(one.image.data);
});

test.each([{ samples: 0 }, { samples: 1.5 }, { samples: 2, seed: 2 ** 53 - 1 }])(
  '%o is refused',
  async (wrong) => {
    const call = restoreRegions(joinImage(sampledImage, pack), runner, wrong, () => undefined);
    await expect(call).rejects.toThrow(ParameterError);
  },
);
