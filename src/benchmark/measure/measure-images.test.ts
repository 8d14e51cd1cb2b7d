import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { writeImage } from '../../images/encode.js';
import { psnr } from '../../metrics/psnr.js';
import { parseMetricRequest } from '../../metrics/request.js';
import { deadLeaves, withNoise } from '../../metrics/testing/dead-leaves.js';
import { lpipsAlex, lpipsSqueeze } from '../../networks/perceptual/lpips.js';
import { InputError, ModelError, ParameterError } from '../../utils/errors.js';
import { encodeModule } from '../../weights/module-file.js';
import { madeUpPerceptualModule } from '../../weights/testing/perceptual-modules.js';
import { metricResources, pullCommands, readNetwork } from '../metrics/open-metrics.js';
import { findItems, meanScores, measureImages } from './measure-images.js';

let folder: string;
const target = deadLeaves(1, 64, 48);
const spoilt = withNoise(target, 0.1, 3);
const place = (...parts: string[]) => join(folder, ...parts);
const files = () => ({ store: place('store') });

beforeAll(async () => {
  folder = await temporaryFolder();
  await Promise.all(['hr', 'out', 'store'].map((name) => mkdir(place(name))));
  for (const name of ['a', 'b', 'c'])
    await writeImage(place('hr', `${name}.png`), { tensor: target, bitDepth: 8 });
  await writeImage(place('out', 'a_x4.png'), { tensor: spoilt, bitDepth: 8 });
  await copyFile(place('hr', 'b.png'), place('out', 'b.png'));
  await writeFile(place('out', 'c.png'), 'no image');
  await writeImage(place('out', 'd.png'), { tensor: target, bitDepth: 8 });
});

test('images of folders are paired by name, and those without a partner named', async () => {
  const { items, strays } = await findItems(place('out'), place('hr'));
  expect(items.map(({ test, reference }) => [test, reference])).toEqual([
    [place('out', 'a_x4.png'), place('hr', 'a.png')],
    [place('out', 'b.png'), place('hr', 'b.png')],
    [place('out', 'c.png'), place('hr', 'c.png')],
  ]);
  expect(strays).toEqual([{ file: place('out', 'd.png'), reason: `no partner in ${place('hr')}` }]);
  const alone = await findItems(place('hr'));
  expect(alone.items.map(({ name }) => name)).toEqual(['a.png', 'b.png', 'c.png']);
});

test('a file beside a folder and paths that do not exist are refused', async () => {
  await expect(findItems(place('out'), place('hr', 'a.png'))).rejects.toThrow(ParameterError);
  await expect(findItems(place('nowhere'))).rejects.toThrow(InputError);
});

test('scores do not depend on the number of processes; a damaged image stops no other', async () => {
  const { items } = await findItems(place('out'), place('hr'));
  const requests = ['psnr:y:4', 'ssim', 'ms-ssim'].map((text) => parseMetricRequest(text));
  const seen: string[] = [];
  const onImage = ({ name }: { name: string }) => seen.push(name);
  const both = await measureImages(items, requests, { files: files(), jobs: 2, onImage });
  const one = await measureImages(items, requests, { files: files(), jobs: 1 });
  expect(one).toEqual(both);
  expect(seen.sort()).toEqual(both.images.map(({ name }) => name).sort());
  const [a, b, c] = both.images;
  const expected = psnr.open({ colourSpace: 'luma', border: 4 }).measure(spoilt, target);
  expect(a!.scores['psnr:y:4']).toBeCloseTo(expected, 9);
  expect(a!.problems).toEqual([
    { metric: 'ms-ssim', message: expect.stringMatching(/at least 176 x 176/) },
  ]);
  expect(b!.scores).toMatchObject({ 'psnr:y:4': Infinity, ssim: expect.closeTo(1, 9) });
  expect(c!).toMatchObject({
    scores: {},
    problems: [{ message: expect.stringContaining('c.png') }],
  });
  expect(both.metrics[0]).toEqual({
    ...{ label: 'psnr:y:4', name: 'psnr', direction: 'higher', range: [0, Infinity], unit: 'dB' },
    ...{ colourSpace: 'luma', border: 4, version: '1' },
  });
  const labels = requests.map(({ label }) => label);
  const means = meanScores(labels, both.images);
  expect(means.ssim).toBeCloseTo((a!.scores.ssim! + 1) / 2, 9);
  expect(means).not.toHaveProperty('ms-ssim');
});

test('weights that are not here are pulled by these commands', async () => {
  const lpips = parseMetricRequest('lpips-squeeze').metric;
  expect(await pullCommands(lpips, files())).toEqual([
    'dp-ir models pull lpips-squeeze',
    'dp-ir models pull squeezenet-imagenet',
  ]);
  const given = { ...files(), weights: { 'lpips-squeeze': 'mine.safetensors' } };
  expect(await pullCommands(lpips, given)).toEqual([]);
  expect(await pullCommands(parseMetricRequest('psnr').metric, files())).toEqual([]);
  await writeFile(place('store', 'squeezenet1_1-b8a52dc0.pth'), 'x');
  expect(await pullCommands(lpips, files())).toEqual(['dp-ir models pull lpips-squeeze']);
});

test('given weights are read, and must be of the network', async () => {
  const path = place('squeeze.safetensors');
  const module = madeUpPerceptualModule(lpipsSqueeze);
  await writeFile(path, encodeModule(module));
  const runner = () => Promise.reject(new Error('no runner is needed'));
  const from = (network: string) =>
    readNetwork({ network, files: [] }, { ...files(), weights: { [network]: path } });
  const { module: read, source } = await from('lpips-squeeze');
  expect(read.weights.size).toBe(module.weights.size);
  expect(source).toMatch(/^squeeze\.safetensors [0-9a-f]{8}$/);
  await expect(from('lpips-alex')).rejects.toThrow(ModelError);
  await expect(from('lpips-alex')).rejects.toThrow(/holds no weights of lpips-alex/);
  const { metric } = parseMetricRequest('lpips-alex');
  await expect(metric.open({}, metricResources(files(), runner))).rejects.toThrow(
    /dp-ir models pull/,
  );
});

test('the two published files of LPIPS are joined', async () => {
  const { weights } = madeUpPerceptualModule(lpipsAlex);
  const { encodeSafetensors } = await import('../../tensor/safetensors.js');
  const part = (isHead: boolean) =>
    new Map(
      [...weights]
        .filter(([key]) => key.startsWith('lin') === isHead)
        .map(([key, value]) => [key.replace(/^net\.slice\d/, 'features'), value]),
    );
  const store = place('joined');
  await mkdir(store);
  await writeFile(join(store, 'lpips-v0.1-alex.pth'), encodeSafetensors(part(true)));
  await writeFile(join(store, 'alexnet-owt-7be5be79.pth'), encodeSafetensors(part(false)));
  const { metric } = parseMetricRequest('lpips-alex');
  const { module, source } = await readNetwork(metric.weights!, { store });
  expect(source).toBe('lpips-alex + alexnet-imagenet');
  expect([...module.weights.keys()].sort()).toEqual([...weights.keys()].sort());
  for (const [key, { data }] of module.weights) {
    const expected = weights.get(key)!.data;
    expect(data.every((value, index) => value === expected[index])).toBe(true);
  }
});
