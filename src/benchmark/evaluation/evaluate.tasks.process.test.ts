import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDataset } from '../../datasets/make-dataset.js';
import { writeTestImage, writeTestImages } from '../../datasets/testing/files.js';
import { testEngine } from '../../engine/testing/runners.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeImage } from '../../images/decode.js';
import { psnr } from '../../metrics/psnr.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { burstPackFolder } from '../../restore-files/testing/burst-files.js';
import { type EvaluateCall, evaluate } from './evaluate.js';
import type { MethodSpec } from './method.js';

const engine = testEngine();

async function run(call: Pick<EvaluateCall, 'datasets' | 'methods'> & Partial<EvaluateCall>) {
  const output = join(await temporaryFolder(), 'results');
  return evaluate({ output, metrics: ['psnr'], threads: 1, engine, ...call });
}

const key = 'psnr rgb 0 v1';

test('bursts are measured with a pack, its first network alone and without any', async () => {
  const photographs = await temporaryFolder();
  await writeTestImage(join(photographs, 'a.png'), { width: 112, height: 96 });
  const folder = join(await temporaryFolder(), 'bursts');
  await makeDataset({ photographs, output: folder, degradation: 'burst', seed: 1, frames: 2 });
  const pack = await burstPackFolder(await temporaryFolder());
  const methods: MethodSpec[] = [
    { kind: 'bicubic', name: 'bicubic' },
    { kind: 'restorer', name: 'network', pack },
    { kind: 'pack', name: 'pack', pack },
    { kind: 'pack', name: 'one frame', pack, frames: 1 },
  ];
  const { records, failures, rows } = await run({ datasets: [folder], methods, task: 'burst' });
  expect(failures).toEqual([]);
  expect(records.map(({ method, width, height }) => [method, width, height])).toEqual(
    methods.map(({ name }) => [name, 64, 48]),
  );
  const scores = rows.map(({ metrics }) => metrics[key]!.mean);
  expect(new Set(scores).size).toBe(4);
  for (const score of scores) expect(score).toBeGreaterThan(0);
});

test('of pairs at scale 1 the input itself is the baseline', async () => {
  const folder = await temporaryFolder();
  const size = { width: 12, height: 10 };
  await writeTestImages(join(folder, 'blur'), ['a.png'], size);
  await writeTestImages(join(folder, 'sharp'), ['a.png'], size);
  const methods: MethodSpec[] = [{ kind: 'input', name: 'input' }];
  const { records } = await run({ datasets: [folder], methods });
  const [input, target] = await Promise.all(
    ['blur', 'sharp'].map(async (side) => (await decodeImage(join(folder, side, 'a.png'))).tensor),
  );
  expect(records[0]!.values[key]).toBe(psnr.open().measure(input!, target!));
});

test('several data sets have a table each, and a degradation its seed', async () => {
  const parent = await temporaryFolder();
  const datasets = ['one', 'two'].map((name) => join(parent, name));
  for (const folder of datasets) {
    await mkdir(folder);
    await writeTestImage(join(folder, 'a.png'), { width: 12, height: 10 });
  }
  const methods: MethodSpec[] = [{ kind: 'input', name: 'input' }];
  const settings = { kind: 'noise', sigma: 0.1 };
  const noisy = (seed: number) => run({ datasets, methods, degradation: { settings, seed } });
  const [first, again, other] = [await noisy(1), await noisy(1), await noisy(2)];
  expect(first.tables.map(({ title }) => title)).toEqual(['one, 1 image', 'two, 1 image']);
  const scores = ({ records }: typeof first) => records.map(({ values }) => values);
  expect(scores(again)).toEqual(scores(first));
  expect(scores(other)).not.toEqual(scores(first));
  expect(first.rows[1]!.command).toContain(`--degradation '{"kind":"noise","sigma":0.1}'`);
});

test('a pack of another scale, or for something else, is refused', async () => {
  const folder = await temporaryFolder();
  await writeTestImage(join(folder, 'a.png'), { width: 12, height: 12 });
  const methods: MethodSpec[] = [
    { kind: 'pack', name: 'tiny', pack: await tinyPack(await temporaryFolder()) },
  ];
  const degradation = { settings: { kind: 'bicubic', scale: 2 }, seed: 0 };
  const call = run({ datasets: [folder], methods, degradation });
  await expect(call).rejects.toThrow('tiny: is a pack for sr4 of scale 4');
  const task = run({ datasets: [folder], methods, task: 'sr4' });
  await expect(task).resolves.toMatchObject({ failures: [] });
});
