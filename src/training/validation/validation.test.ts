import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalRunner } from '../../engine/local-runner.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeRgb8 } from '../../images/decode.js';
import { CancelledError, InputError } from '../../utils/errors.js';
import { decodeModule } from '../../weights/module-file.js';
import type { Recipe } from '../recipe.js';
import { LOG_FILE } from '../run/log.js';
import { BEST_FILE, loadRun, PREVIEW_FOLDER, WEIGHTS_FILE } from '../run/run-folder.js';
import { imageFolder, trainModules } from '../testing/fixtures.js';
import { madeUpByte } from '../testing/images.js';
import {
  burstRecipe,
  deblurRecipe,
  denoiserRecipe,
  fusionRecipe,
  restorerRecipe,
} from '../testing/recipes.js';
import { contentOf, logOf, prepareFrom, trainHere } from '../testing/runs.js';
import { trainOn } from '../training-loop.js';
import { Validation, type ValidationEntry } from './validation.js';

const data = await imageFolder([60, 44], [40, 70]);
const heldOut = await imageFolder([41, 36], [33, 50], [40, 40]);
const modules = await trainModules(data);
const validation = { data: heldOut, every: 4, images: 2 };
const recipes: Record<string, Recipe> = {
  restorer: restorerRecipe(data, { validation, steps: 10 }),
  deblurrer: deblurRecipe(data, { validation, steps: 10 }),
  denoiser: denoiserRecipe(data, { validation: { ...validation, sigmas: [0.1, 0.4] }, steps: 10 }),
  fusion: fusionRecipe(data, modules, { validation, steps: 10 }),
};

async function scoresOf(folder: string): Promise<ValidationEntry[]> {
  const lines = (await logOf(folder)) as unknown as ValidationEntry[];
  return lines.filter((line) => 'validation' in line);
}

/** All files of previews, by name. */
async function previewsOf(folder: string): Promise<Record<string, string>> {
  const previews = join(folder, PREVIEW_FOLDER);
  const names = (await readdir(previews)).sort();
  const contents = await Promise.all(
    names.map(async (name) => [name, (await readFile(join(previews, name))).toString('base64')]),
  );
  return Object.fromEntries(contents);
}

test.each([
  ['restorer', [['scale', 4]]],
  ['deblurrer', [['scale', 1]]],
  [
    'denoiser',
    [
      ['sigma', 0.1],
      ['sigma', 0.4],
    ],
  ],
  [
    'fusion',
    [
      ['t', 5],
      ['t', 25],
      ['t', 50],
    ],
  ],
] as const)(
  'a %s is validated at intervals and at the end, at every level',
  async (kind, levels) => {
    const output = await temporaryFolder();
    await trainHere({ recipe: recipes[kind]!, output });
    const entries = await scoresOf(output);
    expect(entries.map(({ step }) => step)).toEqual([4, 8, 10]);
    for (const { validation: score } of entries) {
      expect(score.levels.map(({ name, value }) => [name, value])).toEqual(levels);
      const mean = score.levels.reduce((sum, { psnr }) => sum + psnr, 0) / levels.length;
      expect(score.psnr).toBeCloseTo(mean, 9);
      expect(score.psnr).toBeGreaterThan(0);
    }
    const best = entries.reduce((one, other) =>
      other.validation.psnr > one.validation.psnr ? other : one,
    );
    expect(entries.filter(({ validation: score }) => score.best).at(-1)).toEqual(best);
    expect((await loadRun(output))!.validation).toEqual({
      step: 10,
      best: { step: best.step, psnr: best.validation.psnr },
    });
  },
);

test.each(['restorer', 'deblurrer', 'denoiser', 'fusion'])(
  'a %s stopped anywhere has the scores, previews and best weights of an uninterrupted one',
  async (kind) => {
    const recipe = recipes[kind]!;
    const whole = await temporaryFolder();
    await trainHere({ recipe, output: whole });
    const parts = await temporaryFolder();
    for (const [index, stopAt] of [3, 4, 7].entries())
      await trainHere({ recipe, output: parts, resume: index > 0 }, stopAt).catch(() => undefined);
    await trainHere({ recipe, output: parts, resume: true });
    expect(await scoresOf(parts)).toEqual(await scoresOf(whole));
    expect(await previewsOf(parts)).toEqual(await previewsOf(whole));
    expect(await contentOf(parts)).toEqual(await contentOf(whole));
    expect(await readFile(join(parts, BEST_FILE))).toEqual(await readFile(join(whole, BEST_FILE)));
  },
);

test('a validation that was broken off is done when the run goes on', async () => {
  const recipe = recipes.restorer!;
  const output = await temporaryFolder();
  const cancellation = new AbortController();
  const runner = await createLocalRunner({ threads: 1, signal: cancellation.signal });
  const onStep = (step: number) => {
    if (step === 4) cancellation.abort();
  };
  await expect(trainOn({ recipe, output, workers: 0 }, runner, { onStep })).rejects.toThrow(
    CancelledError,
  );
  await runner.dispose();
  expect(await loadRun(output)).toMatchObject({ step: 4 });
  expect((await loadRun(output))!.validation).toBeUndefined();
  // A process that was killed between the log's line and the state has left one.
  const line = { step: 4, validation: { psnr: 1, levels: [], best: true } };
  await appendFile(join(output, LOG_FILE), `${JSON.stringify(line)}\n`);
  await trainHere({ recipe, output, resume: true });
  expect((await scoresOf(output)).map(({ step }) => step)).toEqual([4, 8, 10]);
});

test('validation changes no weights', async () => {
  const [with_, without] = [await temporaryFolder(), await temporaryFolder()];
  const recipe = recipes.denoiser!;
  await trainHere({ recipe, output: with_ });
  const { validation: _, ...rest } = recipe;
  await trainHere({ recipe: rest as Recipe, output: without });
  expect(await contentOf(with_)).toEqual(await contentOf(without));
});

test('the best weights are those of the best step', async () => {
  const output = await temporaryFolder();
  const recipe = restorerRecipe(data, { validation: { ...validation, every: 2 }, steps: 8 });
  await trainHere({ recipe, output });
  const { best } = (await loadRun(output))!.validation!;
  const again = await temporaryFolder();
  await trainHere({ recipe, output: again }, best.step).catch(() => undefined);
  expect(await readFile(join(output, BEST_FILE))).toEqual(
    await readFile(join(again, WEIGHTS_FILE)),
  );
  const module = decodeModule(await readFile(join(output, BEST_FILE)), 'best');
  expect(module.network.name).toBe('compact-restorer');
});

test('a preview shows input, output and target, the target being the centre of the image', async () => {
  const output = await temporaryFolder();
  await trainHere({ recipe: restorerRecipe(data, { validation, steps: 4 }), output });
  expect(Object.keys(await previewsOf(output))).toEqual(['step-4-0.png', 'step-4-1.png']);
  const preview = await decodeRgb8(join(output, PREVIEW_FOLDER, 'step-4-0.png'));
  expect(preview).toMatchObject({ width: 48, height: 16 });
  const at = (y: number, x: number, channel: number) => preview.data[(y * 48 + x) * 3 + channel];
  for (let y = 0; y < 16; y += 1)
    for (let x = 0; x < 16; x += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        expect(at(y, 32 + x, channel)).toBe(madeUpByte(0, channel, y + 12, x + 10));
        expect(at(y, x, channel)).toBe(at(y - (y % 4), x - (x % 4), channel));
      }
});

test('the PSNR is that of the estimate limited to [0, 1], here the noisy image itself', async () => {
  const recipe = denoiserRecipe(data, {
    validation: { ...validation, sigmas: [0.1], images: 1 },
    network: 'unshuffled-unet',
  });
  const runner = await createLocalRunner({ threads: 1 });
  const open = (await Validation.open(recipe, {}, runner))!;
  const run = await prepareFrom({ recipe, output: await temporaryFolder(), workers: 0 });
  const weights = new Map([...run.state].filter(([name]) => !name.includes(':')));
  for (const value of weights.values()) value.data.fill(0);
  const shown: number[] = [];
  const score = await open.judge(1, weights, {
    checkpoint: async () => undefined,
    onPreview: async (_, { input, target, output }) => {
      const of = (one: typeof input) =>
        one.data.reduce((sum, value, i) => sum + (value - target.data[i]!) ** 2, 0) / 768;
      shown.push(of(input), of(output));
    },
  });
  await run.close();
  await runner.dispose();
  // With all weights 0 the denoiser predicts no noise: its output is its input, limited to [0, 1].
  expect(-10 * Math.log10(shown[1]!)).toBeCloseTo(score.psnr, 3);
  expect(shown[0]).toBeGreaterThan(0.1 ** 2 * 0.8);
  expect(shown[0]).toBeLessThan(0.1 ** 2 * 1.2);
  expect(shown[1]).toBeLessThan(shown[0]! + 1e-9);
  expect(shown[1]).toBeGreaterThan(shown[0]! * 0.5);
});

test('held-out images that are too small or missing are refused before the first step', async () => {
  const output = join(await temporaryFolder(), 'run');
  const small = restorerRecipe(data, { validation: { ...validation, crop: 40 } });
  await expect(trainHere({ recipe: small, output })).rejects.toThrow(InputError);
  await expect(trainHere({ recipe: small, output })).rejects.toThrow('expected 40x40 pixels');
  const odd = restorerRecipe(data, { validation: { ...validation, crop: 18 } });
  await expect(trainHere({ recipe: odd, output })).rejects.toThrow(
    'validation.crop: expected a multiple of scale 4, received 18',
  );
  const none = restorerRecipe(data, { validation: { ...validation, data: output } });
  await expect(trainHere({ recipe: none, output })).rejects.toThrow(InputError);
  await expect(readdir(output)).rejects.toThrow('ENOENT');
});

test('bursts are judged in sRGB, with the error of their flow in pixels of the mosaic', async () => {
  const recipe = burstRecipe(data, { validation: { ...validation, every: 1 }, steps: 1 });
  const output = await temporaryFolder();
  await trainHere({ recipe, output });
  const [entry] = await scoresOf(output);
  const [level] = entry!.validation.levels;
  expect(Object.keys(level!.measures!)).toEqual(['flowError']);
  expect(level!.measures!.flowError).toBeGreaterThan(0.01);
  expect(level!.measures!.flowError).toBeLessThan(4);
  const preview = await decodeRgb8(join(output, PREVIEW_FOLDER, 'step-1-0.png'));
  expect(preview).toMatchObject({ width: 48, height: 16 });
  let [sum, squares] = [0, 0];
  for (let y = 0; y < 16; y += 1)
    for (let x = 0; x < 16; x += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        const at = (column: number) => preview.data[(y * 48 + column) * 3 + channel]!;
        sum += Math.abs(at(32 + x) - madeUpByte(0, channel, y + 12, x + 10));
        squares += (at(32 + x) - at(16 + x)) ** 2;
      }
  // Saturation and the camera's clamping leave a little.
  expect(sum / 768).toBeLessThan(8);
  const shown = 10 * Math.log10((255 ** 2 * 768) / squares);
  const single = { ...recipe, validation: { ...recipe.validation!, images: 1 } } as Recipe;
  const alone = await temporaryFolder();
  await trainHere({ recipe: single, output: alone });
  expect((await scoresOf(alone))[0]!.validation.psnr).toBeCloseTo(shown, 1);
});
