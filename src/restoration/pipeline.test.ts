import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { tensor } from '../tensor/tensor.js';
import { CancelledError, ModelError, ParameterError } from '../utils/errors.js';
import type { RestoreOptions, RestoreProgress } from './pipeline.js';
import { restoreImage } from './restore.js';
import { largestDifference, waves } from './testing/images.js';
import { compactModules, compactPack } from './testing/packs.js';
import { countingRunner } from './testing/runners.js';

const local = await testRunner();

const pack = compactPack();
const image = waves(33, 50);
const settings = { tau: 6, steps: 3, tile: 140 };

test('evaluations are counted, and what only depends on x_IR runs once for each tile', async () => {
  const runner = countingRunner(local);
  const { nfe, tiles, restored } = await restoreImage(image, pack, runner, settings);
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
    const kept = await restoreImage(image, pack, local, settings);
    const recomputed = await restoreImage(image, pack, runner, { ...settings, featureBytes });
    expect(runner.runs.get('precompute')).toBe(runs);
    expect(largestDifference(recomputed.image, kept.image)).toBe(0);
    expect(recomputed.macs).toBeGreaterThan(kept.macs);
  },
);

test.each([0, undefined])(
  'progress begins before the work, grows and ends at its total (budget %s)',
  async (featureBytes) => {
    const seen: RestoreProgress[] = [];
    const { macs } = await restoreImage(image, pack, local, {
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
  const wide = await restoreImage(waves(8, 16), pack, local, { tau: 1, steps: 1 });
  const narrow = await restoreImage(waves(8, 8), pack, local, { tau: 1, steps: 1 });
  const longer = await restoreImage(waves(8, 8), pack, local, { tau: 3, steps: 3 });
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
  await expect(restoreImage(image, pack, runner, settings)).rejects.toThrow(CancelledError);
  expect(checkpoints).toBe(last);
  const runs = [...runner.runs.values()].reduce((sum, count) => sum + count, 0);
  expect(runs).toBeLessThan(last);
});

const shortPack = compactPack({ tMax: 10 });

const refused: [string, RestoreOptions, string][] = [
  ['a tau beyond the training', { tau: 11 }, 'tau: expected at most 10'],
  ['a full start beyond the training', { start: 'full' }, 'tau: expected at most 10'],
  ['no step', { steps: 0 }, 'steps: expected'],
  ['more steps than tau', { tau: 3, steps: 4 }, 'steps: expected'],
  ['a broken tau', { tau: 2.5 }, 'tau: expected'],
  ['another start', { start: 'late' as 'full' }, 'start: expected accelerated, noised, full'],
  ['eta beyond 1', { eta: 1.5 }, 'eta: expected'],
  ['a negative seed', { seed: -1 }, 'seed: expected'],
  ['a tile of nothing', { tile: 0 }, 'tile: expected'],
  ['a tile that margins use up', { tile: 100 }, 'tile: expected at least 124 pixels'],
];

test.each(refused)('%s is refused before any work', async (_, options, message) => {
  const runner = countingRunner(local);
  const call = restoreImage(waves(30, 30), shortPack, runner, options);
  await expect(call).rejects.toThrow(ParameterError);
  await expect(call).rejects.toThrow(message);
  expect(runner.runs.size).toBe(0);
});

test('the smallest tile that is named works', async () => {
  const { tiles } = await restoreImage(waves(32, 20), shortPack, local, { tile: 124 });
  expect(tiles).toBeGreaterThan(1);
});

test('going beyond the training on request is marked', async () => {
  const allowed = { tau: 11, steps: 1, allowBeyondTraining: true };
  const beyond = await restoreImage(waves(4, 4), shortPack, local, allowed);
  expect(beyond.beyondTraining).toBe(true);
  const within = await restoreImage(waves(4, 4), shortPack, local, { ...allowed, tau: 10 });
  expect(within.beyondTraining).toBe(false);
});

test('the settings of the pack are the defaults', async () => {
  const { settings } = await restoreImage(waves(4, 4), shortPack, local);
  expect(settings).toEqual({
    tau: 5,
    steps: 2,
    start: 'accelerated',
    sampler: 'ddim',
    eta: 0,
    variance: 'large',
    noiseLevel: 'tracked',
  });
});

test.each([[[1, 3, 4, 4]], [[4, 4, 4]], [[3, 0, 4]], [[3, 16]]])(
  'an image of shape [%s] is refused',
  async (shape) => {
    const call = restoreImage(tensor(shape), shortPack, local);
    await expect(call).rejects.toThrow(ParameterError);
    await expect(call).rejects.toThrow('image: expected the shape [3, height, width]');
  },
);

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'an image that holds %s is refused',
  async (value) => {
    const image = waves(4, 4);
    image.data[17] = value;
    await expect(restoreImage(image, shortPack, local)).rejects.toThrow('image: expected finite');
  },
);

test('a network whose output is not finite is named', async () => {
  const spoilt = (role: 'restorer' | 'denoiser', key: string) => {
    const weights = new Map(compactModules[role].weights);
    const before = weights.get(key)!;
    weights.set(
      key,
      tensor(
        before.shape,
        before.data.map(() => 3e38),
      ),
    );
    return { ...shortPack, [role]: { ...compactModules[role], weights } };
  };
  const run = (broken: typeof shortPack) => restoreImage(waves(4, 4), broken, local);
  await expect(run(spoilt('restorer', 'tail.weight'))).rejects.toThrow(ModelError);
  await expect(run(spoilt('restorer', 'tail.weight'))).rejects.toThrow('restorer: gave a value');
  await expect(run(spoilt('denoiser', 'tail.weight'))).rejects.toThrow(ModelError);
  await expect(run(spoilt('denoiser', 'tail.weight'))).rejects.toThrow('estimate: holds a value');
});

test('values beyond [0, 1] are clamped at the end', async () => {
  const image = waves(8, 8);
  const bright = tensor(
    image.shape,
    image.data.map((value) => 4 * value - 1.5),
  );
  const { image: result, restored } = await restoreImage(bright, shortPack, local);
  expect(Math.max(...restored.data)).toBeGreaterThan(1);
  expect([Math.min(...result.data), Math.max(...result.data)]).toEqual([0, 1]);
});
