import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { CancelledError } from '../tensor/errors.js';
import { restorePicture } from './restore-picture.js';
import type { RestoreProgress } from './restore-regions.js';
import { countingRunner } from './testing/counting-runner.js';
import { compactPack } from './testing/packs.js';
import { largestDifference, waves } from './testing/pictures.js';

const local = await testRunner();

const pack = compactPack();
const picture = waves(33, 50);
const settings = { tau: 6, steps: 3, tile: 140 };

test('evaluations are counted, and what only depends on x_IR runs once for each tile', async () => {
  const runner = countingRunner(local);
  const { nfe, tiles, restored } = await restorePicture(picture, pack, runner, settings);
  expect(nfe).toBe(4);
  expect(tiles).toBe(4);
  expect(restored.shape).toEqual([3, 132, 200]);
  expect(Object.fromEntries(runner.runs)).toEqual({
    restore: 2,
    precompute: tiles,
    evaluate: 3 * tiles,
  });
});

test.each([
  ['nothing fits', 0, 12],
  ['one tile fits', (140 * 132 * 6 * 4) / 4, 10],
])(
  'features beyond their budget are computed anew, with the same bytes: %s',
  async (_, featureBytes, runs) => {
    const runner = countingRunner(local);
    const kept = await restorePicture(picture, pack, local, settings);
    const recomputed = await restorePicture(picture, pack, runner, { ...settings, featureBytes });
    expect(runner.runs.get('precompute')).toBe(runs);
    expect(largestDifference(recomputed.picture, kept.picture)).toBe(0);
    expect(recomputed.macs).toBeGreaterThan(kept.macs);
  },
);

test.each([0, undefined])(
  'progress begins before the work, grows and ends at its total (budget %s)',
  async (featureBytes) => {
    const seen: RestoreProgress[] = [];
    const { macs } = await restorePicture(picture, pack, local, {
      ...settings,
      featureBytes,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen[0]).toEqual({
      phase: 'starting',
      done: 0,
      total: macs,
      restoring: seen.filter(({ phase }) => phase === 'restoring').at(-1)!.done,
      width: 200,
      height: 132,
      device: local.device,
    });
    expect(seen.at(-1)).toMatchObject({ phase: 'sampling', done: macs });
    expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([macs]));
    for (const [index, { done }] of seen.entries())
      if (index > 0) expect(done).toBeGreaterThan(seen[index - 1]!.done);
    const phases = seen.map(({ phase }) => phase);
    expect(phases).toEqual([...phases].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(new Set(phases).size).toBe(3);
  },
);

const order = ['starting', 'restoring', 'sampling'];

test('the work is that of the networks: twice the pixels take twice the multiply-adds', async () => {
  const wide = await restorePicture(waves(8, 16), pack, local, { tau: 1, steps: 1 });
  const narrow = await restorePicture(waves(8, 8), pack, local, { tau: 1, steps: 1 });
  const longer = await restorePicture(waves(8, 8), pack, local, { tau: 3, steps: 3 });
  expect(wide.macs / narrow.macs).toBeCloseTo(2, 2);
  expect(longer.macs).toBeGreaterThan(2 * narrow.macs);
  expect(longer.macs).toBeLessThan(3 * narrow.macs);
});

test.each([1, 2, 4, 7])('cancelling is seen at the next tile (checkpoint %i)', async (last) => {
  let checkpoints = 0;
  const runner = countingRunner(local, () => {
    checkpoints += 1;
    if (checkpoints === last) throw new CancelledError('restoring');
  });
  await expect(restorePicture(picture, pack, runner, settings)).rejects.toThrow(CancelledError);
  expect(checkpoints).toBe(last);
  const runs = [...runner.runs.values()].reduce((sum, count) => sum + count, 0);
  expect(runs).toBeLessThan(last);
});
