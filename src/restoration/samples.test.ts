import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { ParameterError } from '../tensor/errors.js';
import { joinPicture, restorePicture } from './restore-picture.js';
import { type RestoreProgress, restoreRegions } from './restore-regions.js';
import { countingRunner } from './testing/counting-runner.js';
import { compactPack } from './testing/packs.js';
import { waves } from './testing/pictures.js';

const runner = await testRunner();
const pack = compactPack();
const picture = waves(31, 33);

test.each([{}, { region: 110 }])(
  'samples have the pixels of runs with their seeds, and share x_IR (%o)',
  async (cut) => {
    const settings = { tau: 6, steps: 2, eta: 0.5, ...cut };
    const counting = countingRunner(runner);
    const progress: RestoreProgress[] = [];
    const made = new Map<string, Float32Array>();
    const options = { ...settings, seed: 7, samples: 3 };
    const facts = await restoreRegions(
      joinPicture(picture, pack),
      counting,
      { ...options, onProgress: (own) => progress.push(own) },
      ({ region, sample, picture: own }) => void made.set(`${region.index} ${sample}`, own.data),
    );
    expect(progress.at(-1)).toMatchObject({ done: facts.macs, total: facts.macs });
    expect(facts.nfe).toBe(3);
    const single = countingRunner(runner);
    for (const sample of [0, 1, 2]) {
      await restoreRegions(
        joinPicture(picture, pack),
        single,
        { ...settings, seed: 7 + sample },
        ({ region, picture: own }) =>
          expect(made.get(`${region.index} ${sample}`)).toEqual(own.data),
      );
      if (sample > 0) continue;
      expect(counting.runs.get('restore')).toBe(single.runs.get('restore'));
      expect(counting.runs.get('precompute')).toBe(single.runs.get('precompute'));
      expect(counting.runs.get('evaluate')).toBe(3 * single.runs.get('evaluate')!);
    }
    expect(made.get('0 0')).not.toEqual(made.get('0 1'));
  },
);

test('a picture in memory is one sample', async () => {
  const many = await restorePicture(picture, pack, runner, { samples: 2, seed: 3 });
  const one = await restorePicture(picture, pack, runner, { seed: 3 });
  expect(many.picture.data).toEqual(one.picture.data);
});

test.each([{ samples: 0 }, { samples: 1.5 }, { samples: 2, seed: 2 ** 53 - 1 }])(
  '%o is refused',
  async (wrong) => {
    const call = restoreRegions(joinPicture(picture, pack), runner, wrong, () => undefined);
    await expect(call).rejects.toThrow(ParameterError);
  },
);
