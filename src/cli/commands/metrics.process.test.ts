import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { writeImage } from '../../images/encode.js';
import { metrics } from '../../metrics/registry.js';
import { deadLeaves, withNoise } from '../../metrics/testing/dead-leaves.js';
import { lpipsSqueeze } from '../../networks/perceptual/lpips.js';
import { encodeModule } from '../../weights/module-file.js';
import { madeUpPerceptualModule } from '../../weights/testing/perceptual-modules.js';
import { runCommands } from '../testing/run-commands.js';
import { command } from './metrics.js';

const run = (...argv: string[]) => runCommands([command], ['metrics', ...argv]);

let folder: string;
const place = (...parts: string[]) => join(folder, ...parts);
const target = deadLeaves(1, 200, 200);

beforeAll(async () => {
  folder = await temporaryFolder();
  await Promise.all(['hr', 'out'].map((name) => mkdir(place(name))));
  for (const [name, deviation] of Object.entries({ 'a, b': 0, c: 0.1 })) {
    await writeImage(place('hr', `${name}.png`), { tensor: target, bitDepth: 8 });
    const test = withNoise(target, deviation, 3);
    await writeImage(place('out', `${name}.png`), { tensor: test, bitDepth: 8 });
  }
});

const store = () => ['--store', place('store'), '--jobs', '1'];

test('a table has a row for each image and their mean, and how to get it again', async () => {
  const asked = ['-r', place('hr'), '-t', place('out'), '--metrics', 'psnr,ssim', ...store()];
  const { code, stdout, stderr } = await run(...asked, '--space', 'y', '--border', '4');
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split('\n');
  expect(rows[0]).toMatch(/^ +psnr:y:4 +ssim:y:4$/);
  expect(rows[1]).toMatch(/^a, b +inf +1\.0000$/);
  expect(rows[2]).toMatch(/^c +2\d\.\d{4} +0\.\d{4}$/);
  expect(rows[3]).toMatch(/^mean +inf +0\.\d{4}$/);
  expect(stderr).toContain('psnr:y:4: higher is better, 0 to inf dB, luma, border 4');
  const repeat = /repeat with: dp-ir metrics (.*)/.exec(stderr)![1]!.split(' ');
  const again = await run(...repeat, ...store());
  expect(again.stdout).toBe(stdout);
});

test('CSV has all digits and quotes names, JSON says everything', async () => {
  const asked = ['-r', place('hr'), '-t', place('out'), '--metrics', 'psnr,ssim', ...store()];
  const csv = (await run(...asked, '--csv')).stdout.trimEnd().split('\n');
  expect(csv.slice(0, 2)).toEqual([
    'name,psnr,ssim',
    expect.stringMatching(/^"a, b",inf,(1|0\.9{6})/),
  ]);
  expect(csv[3]).toMatch(/^mean,inf,0\.\d{6,}$/);
  const { stdout } = await run(...asked, '--json');
  const [first, second, summary] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({ name: 'a, b', scores: { psnr: 'inf' }, problems: [] });
  expect(second.test).toBe(place('out', 'c.png'));
  expect(summary).toMatchObject({
    mean: { psnr: 'inf' },
    metrics: [{ label: 'psnr', direction: 'higher', range: [0, 'inf'], colourSpace: 'rgb' }, {}],
    ...{ missing: [], strays: [] },
    command: expect.stringContaining('--metrics psnr,ssim'),
  });
  expect((await run(...asked, '--json', '--csv')).code).toBe(2);
});

test('metrics without weights are named with what to pull; the rest is measured', async () => {
  const asked = ['-r', place('hr', 'c.png'), '-t', place('out', 'c.png'), ...store()];
  const { code, stdout, stderr } = await run(...asked, '--metrics', 'psnr,lpips,topiq-delta');
  expect(code).toBe(3);
  expect(stdout).toMatch(/^ +psnr\nc +2\d\.\d{4}\n/);
  expect(stderr).toContain(
    'lpips-alex is skipped, its weights are not on this machine: dp-ir models pull lpips-alex && dp-ir models pull alexnet-imagenet',
  );
  expect(stderr).toContain('dp-ir models pull topiq-nr-koniq');
  const usual = await run(...asked);
  expect(usual.code).toBe(0);
  expect(usual.stdout.split('\n')[0]!.trim().split(/ +/)).toEqual([
    ...['psnr', 'ssim', 'ms-ssim', 'log-spectral', 'niqe', 'niqe-delta'],
  ]);
  expect((await run(...asked, '--metrics', 'lpips')).code).toBe(3);
});

test('networks judge with weights that were given, and the version names their file', async () => {
  const weights = place('mine.safetensors');
  await writeFile(weights, encodeModule(madeUpPerceptualModule(lpipsSqueeze)));
  const pair = ['-r', place('hr', 'c.png'), '-t', place('out', 'c.png'), ...store()];
  const given = ['--metrics', 'lpips-squeeze', '--weights', `lpips-squeeze=${weights}`];
  const { code, stdout, stderr } = await run(...pair, ...given);
  expect(code).toBe(0);
  expect(Number(/^c +(\S+)$/m.exec(stdout)![1])).toBeGreaterThan(0);
  expect(stderr).toMatch(/RGB, border 0, version 1 mine\.safetensors [0-9a-f]{8}\n/);
  expect(stderr).toContain(`--weights lpips-squeeze=${weights}`);
  const wrong = await run(...pair, '--metrics', 'lpips', '--weights', `lpips-alex=${weights}`);
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toContain('holds no weights of lpips-alex');
});

test('images are judged alone where there is no target', async () => {
  const { code, stdout, stderr } = await run('-t', place('out'), ...store());
  expect(code).toBe(0);
  expect(stderr).toMatch(/niqe: .*version 1 photographs-1 [0-9a-f]{8}\n/);
  expect(stdout).toMatch(/^ +niqe\na, b\.png +\d+\.\d{4}\nc\.png +\d+\.\d{4}\nmean/);
  const asked = await run('-t', place('out'), '--metrics', 'psnr', ...store());
  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain('--reference: expected a target for psnr');
});

test('a missing partner is named, and the exit code is 1', async () => {
  await mkdir(place('fewer'));
  await writeImage(place('fewer', 'c.png'), { tensor: target, bitDepth: 8 });
  const asked = ['-r', place('hr'), '-t', place('fewer'), '--metrics', 'psnr', ...store()];
  const { code, stdout, stderr } = await run(...asked);
  expect(code).toBe(1);
  expect(stdout).toMatch(/c +inf\nmean +inf/);
  expect(stderr).toContain(`${place('hr', 'a, b.png')}: no partner in ${place('fewer')}`);
  await mkdir(place('none'));
  const nothing = await run('-r', place('hr'), '-t', place('none'), ...store());
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain('there is no image to measure');
});

test.each([
  ['no image', [], '--test: expected a file or folder'],
  ['an unknown metric', ['-t', '.', '--metrics', 'pnsr'], 'metrics: expected some of psnr,ssim'],
  ['a border below 0', ['-t', '.', '--border', '-1'], '--border'],
  [
    'weights of no network',
    ['-t', '.', '--weights', 'resnet=x'],
    '--weights: expected NETWORK=FILE',
  ],
])('%s is a wrong command line', async (_, argv, message) => {
  const { code, stderr } = await run(...argv);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('metrics are listed with what they need', async () => {
  const { code, stdout } = await run('list', '--store', place('store'), '--json');
  expect(code).toBe(0);
  const listed = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(listed.map(({ name }) => name)).toEqual(metrics.map(({ name }) => name));
  expect(listed.find(({ name }) => name === 'topiq-fr')).toMatchObject({
    input: 'pair',
    spaces: ['rgb'],
    pull: ['dp-ir models pull topiq-fr-kadid'],
  });
});

test('NIQE can be fitted on photographs of one’s own and is then measured by them', async () => {
  await mkdir(place('photographs'));
  for (let index = 0; index < 4; index++)
    await writeImage(place('photographs', `${index}.png`), {
      tensor: deadLeaves(30 + index, 384, 480),
      bitDepth: 8,
    });
  const fitted = place('niqe.json');
  const made = await run('fit-niqe', '-i', place('photographs'), '-o', fitted, '--name', 'leaves');
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('sharp blocks of 4') });
  expect(JSON.parse(await readFile(fitted, 'utf8'))).toMatchObject({ name: 'leaves' });
  const asked = ['-t', place('out', 'c.png'), '--metrics', 'niqe', ...store()];
  const own = await run(...asked, '--natural-scenes', fitted);
  expect(own.stderr).toMatch(/version 1 leaves [0-9a-f]{8}/);
  expect(own.stderr).toContain(`--natural-scenes ${fitted}`);
});
