import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { ModelError, ParameterError } from '../tensor/errors.js';
import { tensor } from '../tensor/tensor.js';
import { restorePicture } from './restore-picture.js';
import type { RestoreOptions } from './restore-regions.js';
import { countingRunner } from './testing/counting-runner.js';
import { compactModules, compactPack } from './testing/packs.js';
import { waves } from './testing/pictures.js';

const local = await testRunner();

const pack = compactPack({ tMax: 10 });

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
  const call = restorePicture(waves(30, 30), pack, runner, options);
  await expect(call).rejects.toThrow(ParameterError);
  await expect(call).rejects.toThrow(message);
  expect(runner.runs.size).toBe(0);
});

test('the smallest tile that is named works', async () => {
  const { tiles } = await restorePicture(waves(32, 20), pack, local, { tile: 124 });
  expect(tiles).toBeGreaterThan(1);
});

test('going beyond the training on request is marked', async () => {
  const allowed = { tau: 11, steps: 1, allowBeyondTraining: true };
  const beyond = await restorePicture(waves(4, 4), pack, local, allowed);
  expect(beyond.beyondTraining).toBe(true);
  const within = await restorePicture(waves(4, 4), pack, local, { ...allowed, tau: 10 });
  expect(within.beyondTraining).toBe(false);
});

test('the settings of the pack are the defaults', async () => {
  const { settings } = await restorePicture(waves(4, 4), pack, local);
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
  'a picture of shape [%s] is refused',
  async (shape) => {
    const call = restorePicture(tensor(shape), pack, local);
    await expect(call).rejects.toThrow(ParameterError);
    await expect(call).rejects.toThrow('picture: expected the shape [3, height, width]');
  },
);

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'a picture that holds %s is refused',
  async (value) => {
    const picture = waves(4, 4);
    picture.data[17] = value;
    await expect(restorePicture(picture, pack, local)).rejects.toThrow('picture: expected finite');
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
    return { ...pack, [role]: { ...compactModules[role], weights } };
  };
  const run = (broken: typeof pack) => restorePicture(waves(4, 4), broken, local);
  await expect(run(spoilt('restorer', 'tail.weight'))).rejects.toThrow(ModelError);
  await expect(run(spoilt('restorer', 'tail.weight'))).rejects.toThrow('restorer: gave a value');
  await expect(run(spoilt('denoiser', 'tail.weight'))).rejects.toThrow(ModelError);
  await expect(run(spoilt('denoiser', 'tail.weight'))).rejects.toThrow('estimate: holds a value');
});

test('values beyond [0, 1] are clamped at the end', async () => {
  const picture = waves(8, 8);
  const bright = tensor(
    picture.shape,
    picture.data.map((value) => 4 * value - 1.5),
  );
  const { picture: result, restored } = await restorePicture(bright, pack, local);
  expect(Math.max(...restored.data)).toBeGreaterThan(1);
  expect([Math.min(...result.data), Math.max(...result.data)]).toEqual([0, 1]);
});
