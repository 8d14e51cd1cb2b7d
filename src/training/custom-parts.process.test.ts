import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { dataset, loss, networks, recipe } from '../../examples/custom-training.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { decodeModule } from '../weights/module-file.js';
import type { CropPair, Dataset } from './custom-parts.js';
import { loadRun, WEIGHTS_FILE } from './run/run-folder.js';
import { contentOf, logOf } from './testing/runs.js';
import { train, trainHere } from './train.js';
import type { ValidationEntry } from './validation/validation.js';

const example = new URL('../../examples/custom-training.ts', import.meta.url);
const parts = { dataset, loss, networks, threads: 1 };
const short = { ...recipe, steps: 6, validation: undefined };

test('the example trains, prints its course and sharpens', async () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const argv = ['--import', tsx, fileURLToPath(example), await temporaryFolder()];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.at(-1)).toBe('done');
  const scores = lines.filter((line) => line.startsWith('held out')).map((line) => line.slice(10));
  expect(scores).toHaveLength(3);
  const [first, , last] = scores.map(Number.parseFloat) as [number, number, number];
  expect(last).toBeGreaterThan(first);
  // The blurred stripes themselves.
  const held = (await dataset({ seed: 0, step: 0, sample: 0, size: 16 })) as CropPair;
  const error = held.input.data.reduce((sum, v, i) => sum + (v - held.target.data[i]!) ** 2, 0);
  expect(last).toBeGreaterThan(-10 * Math.log10(error / held.input.data.length));
});

test('parts from a module in a process of its own give the bits of the same parts in this one', async () => {
  const here = await temporaryFolder();
  expect(await trainHere(short, { ...parts, output: here })).toMatchObject({ finished: true });
  const there = await temporaryFolder();
  const steps: number[] = [];
  const settings = { output: there, threads: 1, definitions: example, logEvery: 2 };
  const onProgress = ({ step }: { step: number }) => steps.push(step);
  expect(await train(short, { ...settings, onProgress })).toMatchObject({ step: 6 });
  expect(steps).toEqual([2, 4, 6]);
  expect(await contentOf(there)).toEqual(await contentOf(here));
});

test('a signal stops a run here after its step; it goes on to the same bits', async () => {
  const [whole, output] = [await temporaryFolder(), await temporaryFolder()];
  await trainHere(short, { ...parts, output: whole });
  const stop = new AbortController();
  const onStep = (step: number) => {
    if (step === 2) stop.abort();
  };
  const stopped = await trainHere(short, { ...parts, output, onStep, signal: stop.signal });
  expect(stopped).toMatchObject({ step: 2, finished: false });
  await trainHere(short, { ...parts, output, resume: true });
  expect(await contentOf(output)).toEqual(await contentOf(whole));
});

test('accumulated batches of a dataset are the samples of one larger one', async () => {
  const asked: string[] = [];
  const noting: Dataset = (place) => {
    asked.push(`${place.step}/${place.sample}/${place.size}`);
    return dataset(place);
  };
  const settings = { ...short, steps: 2, batch: 2, accumulate: 2 };
  const output = await temporaryFolder();
  await trainHere(settings, { ...parts, dataset: noting, output });
  expect(asked).toEqual(
    [1, 2].flatMap((step) => [0, 1, 2, 3].map((sample) => `${step}/${sample}/16`)),
  );
});

test('validation asks a dataset for step 0', async () => {
  const entries: ValidationEntry[] = [];
  const steps = new Set<number>();
  const noting: Dataset = (place) => {
    if (place.step === 0) steps.add(place.sample);
    return dataset(place);
  };
  const settings = { ...recipe, steps: 4 };
  const output = await temporaryFolder();
  const onValidation = (entry: ValidationEntry) => entries.push(entry);
  await trainHere(settings, { ...parts, dataset: noting, output, onValidation });
  expect([...steps]).toEqual([0, 1, 2, 3]);
  expect(entries.map(({ step }) => step)).toEqual([4]);
  expect((await logOf(output)).at(-1)).toEqual(entries[0]);
});

test('single crops of a dataset are degraded as the recipe says', async () => {
  const crops: Dataset = async (place) => (await dataset(place)).target;
  const denoiser = {
    ...{ kind: 'denoiser', data: 'stripes', steps: 2, batch: 2, crop: 16, learningRate: 1e-3 },
    ...{ schedule: { kind: 'cosine' }, loss: 'mse', network: 'unshuffled-unet' },
    config: { unshuffle: 2, widths: [4], blocks: 1 },
    sigma: { minimum: 0.1, maximum: 0.2, law: 'uniform' },
  };
  const output = await temporaryFolder();
  await trainHere(denoiser, { dataset: crops, threads: 1, output });
  expect(await loadRun(output)).toMatchObject({ step: 2 });
});

test.each<[string, Dataset]>([
  ['dataset target', async ({ size }) => tensor([3, size, size - 1])],
  [
    'dataset input',
    async ({ size }) => ({ target: tensor([3, size, size]), input: tensor([3, 4, 4]) }),
  ],
])('a %s of another shape is refused by name', async (name, wrong) => {
  const work = trainHere(short, { ...parts, dataset: wrong, output: await temporaryFolder() });
  await expect(work).rejects.toThrow(ParameterError);
  await expect(work).rejects.toThrow(`${name}: expected float32 [3, 16, 16]`);
});

test('a dataset that gives a NaN stops the run, and it is named', async () => {
  const spoilt: Dataset = async (place) => {
    const pair = await dataset(place);
    if (place.step === 3) pair.input.data[7] = Number.NaN;
    return pair;
  };
  const output = await temporaryFolder();
  const work = trainHere(short, { ...parts, dataset: spoilt, output, saveEvery: 0 });
  await expect(work).rejects.toThrow('training: step 3: low is not finite');
  expect(await loadRun(output)).toMatchObject({ step: 2 });
});

test('weights of a network of its own read back with that network only', async () => {
  const output = await temporaryFolder();
  await trainHere({ ...short, steps: 1 }, { ...parts, output });
  const bytes = await readFile(join(output, WEIGHTS_FILE));
  const module = decodeModule(bytes, 'weights', (name) =>
    networks.find((one) => one.name === name),
  );
  expect(module.config).toEqual({ features: 8 });
  expect(() => decodeModule(bytes, 'weights')).toThrow(ModelError);
});

test('a module that exports no parts, or none at all, is refused by name', async () => {
  const folder = await temporaryFolder();
  const empty = join(folder, 'empty.mjs');
  await writeFile(empty, 'export const other = 1;\n');
  const run = async (file: string) =>
    train(short, { output: join(folder, 'run'), definitions: pathToFileURL(file) });
  await expect(run(empty)).rejects.toThrow('definitions: expected a module that exports dataset');
  await expect(run(join(folder, 'none.mjs'))).rejects.toThrow('definitions: expected the file URL');
});
