import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import type { Recipe } from '../../../training/recipe.js';
import { LOG_FILE } from '../../../training/run/log.js';
import { loadRun, WEIGHTS_FILE } from '../../../training/run/run-folder.js';
import { imageFolder } from '../../../training/testing/fixtures.js';
import { runCommands } from '../../testing/run-commands.js';
import { runProgram } from '../../testing/run-program.js';
import { command } from './train.js';

const data = await imageFolder([60, 44], [40, 70]);
const config = '{"features": 4, "blocks": 1}';
const size = ['--batch', '2', '--crop', '16', '--config', config, '--threads', '1'];
const tiny = ['train', 'restorer', '--data', data, ...size];

/** Runs the program in this process; its training is in an engine process all the same. */
async function run(...argv: string[]) {
  const said = await runCommands([command], argv);
  return { ...said, lines: said.stdout.split('\n').slice(0, -1) };
}

async function printed(...argv: string[]): Promise<Recipe> {
  const { code, stdout, stderr } = await run(...argv, '--print-recipe', '--no-trial');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('parameters') });
  return JSON.parse(stdout) as Recipe;
}

test('trains, logs and goes on with more steps', async () => {
  const output = join(await temporaryFolder(), 'new', 'run');
  const argv = [...tiny, '-o', output, '--steps', '6', '--log-every', '2', '--json'];
  const { code, stdout, stderr } = await runProgram('main.ts', argv);
  expect(stderr).toMatch(/^training on cpu, 1 threads, onnxruntime-node /);
  expect(code).toBe(0);
  const [memory, ...lines] = stdout.trimEnd().split('\n');
  expect(JSON.parse(memory!)).toMatchObject({ memory: { total: expect.any(Number) } });
  expect(stderr).toMatch(/\nmemory: 0\.\d\d GiB, /);
  const log = await readFile(join(output, LOG_FILE), 'utf8');
  expect(`${lines.slice(0, -1).join('\n')}\n`).toBe(log);
  expect(lines.slice(0, -1).map((line) => JSON.parse(line).step)).toEqual([2, 4, 6]);
  expect(JSON.parse(lines.at(-1)!)).toEqual({
    result: {
      step: 6,
      seconds: expect.any(Number),
      finished: true,
      weights: join(output, WEIGHTS_FILE),
    },
  });

  const more = await run('train', 'restorer', '-o', output, '--resume', '--steps', '8');
  expect(more).toMatchObject({ code: 0 });
  expect(more.stdout).toMatch(/weights\.safetensors: 8 steps, \d+ s\n$/);
  expect((await loadRun(output))!.step).toBe(8);
  expect((await readdir(output)).sort()).toEqual([LOG_FILE, 'state.safetensors', WEIGHTS_FILE]);
});

test('an interrupt saves the state, tells how to go on, and exits with 130', async () => {
  const output = await temporaryFolder();
  const argv = [...tiny, '-o', output, '--steps', '1000000', '--log-every', '1'];
  let waiting: NodeJS.Timeout | undefined;
  const { code, stderr } = await runProgram('main.ts', argv, (child) => {
    waiting ??= setInterval(() => {
      if (!existsSync(join(output, LOG_FILE))) return;
      clearInterval(waiting);
      child.kill('SIGINT');
    }, 20);
  });
  expect(code).toBe(130);
  const { step } = (await loadRun(output))!;
  expect(step).toBeGreaterThan(0);
  expect(stderr).toContain(
    `stopped after step ${step} and saved; go on with: dp-ir train restorer -o ${output} --resume\n`,
  );
  const more = await run('train', 'restorer', '-o', output, '--resume', '--steps', `${step + 1}`);
  expect(more).toMatchObject({ code: 0 });
  expect((await loadRun(output))!.step).toBe(step + 1);
});

test('a run that needs more memory than allowed is refused with 4 before it begins', async () => {
  const output = join(await temporaryFolder(), 'run');
  const { code, stderr } = await run(...tiny, '-o', output, '--steps', '3', '--memory', '0.01');
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: expect.stringContaining('may take 0.01 GiB'),
  });
  expect(existsSync(output)).toBe(false);
});

test.each([
  ['restorer', 'compact-restorer', { scale: 4, features: 48, blocks: 8 }],
  [
    'denoiser',
    'unshuffled-unet',
    { widths: [48, 80, 128], blocks: 2, prediction: 'preconditioned' },
  ],
])('the default recipe of a %s is complete', async (kind, network, config) => {
  const recipe = await printed('train', kind, '--data', data);
  expect(recipe).toMatchObject({ kind, data, network, config, batch: 8, learningRate: 8e-4 });
  expect(recipe).toMatchObject({ schedule: { kind: 'cosine', final: 0.01 }, warmup: 200 });
  expect(recipe.reductions).toEqual([1, 2]);
});

test('options go before the recipe file, and it before the defaults', async () => {
  const file = join(await temporaryFolder(), 'recipe.json');
  const sigma = { minimum: 0.01, maximum: 0.2 };
  await writeFile(file, JSON.stringify({ data, steps: 70, batch: 3, sigma }));
  const argv = ['--recipe', file, '--batch', '5', '--sigma-max', '0.3', '--reductions', '1,3'];
  const recipe = await printed('train', 'denoiser', ...argv, '--schedule', 'step');
  expect(recipe).toMatchObject({
    steps: 70,
    batch: 5,
    reductions: [1, 3],
    sigma: { minimum: 0.01, maximum: 0.3, law: 'log-uniform' },
    schedule: { kind: 'step', factor: 0.5, every: 14 },
  });
  await writeFile(file, JSON.stringify(recipe));
  expect(await printed('train', 'denoiser', '--recipe', file)).toEqual(recipe);
});

test('another network or scale gets no configuration of the default one', async () => {
  const mirnet = ['--network', 'mirnet', '--config', '{"n_feat": 16, "in_channels": 4}'];
  const other = await printed('train', 'denoiser', '--data', data, ...mirnet);
  expect(other.config).toEqual({ n_feat: 16, in_channels: 4 });
  const twice = await printed('train', 'restorer', '--data', data, '--scale', '2');
  expect(twice.config).toMatchObject({ scale: 2, features: 48 });
});

test('a printed recipe tells memory and hours of this machine, from steps that were tried', async () => {
  const argv = [...tiny, '--steps', '7200', '--print-recipe'];
  const { stdout, stderr, code } = await run(...argv, '--json');
  const { memory, secondsPerStep, hours, timed } = JSON.parse(stdout);
  expect({ code, timed }).toEqual({ code: 0, timed: 'steps' });
  expect(secondsPerStep).toBeGreaterThan(0);
  expect(secondsPerStep).toBeLessThan(2);
  expect(hours).toBeCloseTo(2 * secondsPerStep);
  expect(memory.total).toBeGreaterThan(1e8);
  expect(stderr).toMatch(/ s per step \(tried\), [\d.]+ h in all, on cpu with 1 threads\nmemory: /);
});

test('a printed recipe tells its parameters and multiply-adds', async () => {
  const argv = ['train', 'denoiser', '--data', data, '--print-recipe', '--no-trial'];
  const { stdout, code } = await run(...argv, '--json');
  const { recipe, parameters, macsPerStep } = JSON.parse(stdout);
  expect({ code, parameters, kind: recipe.kind }).toEqual({
    code: 0,
    parameters: 1_342_268,
    kind: 'denoiser',
  });
  const twice = JSON.parse((await run(...argv, '--json', '--batch', '16')).stdout);
  expect(twice.macsPerStep / macsPerStep).toBeCloseTo(2, 6);
});

test.each([
  [['restorer', '--stpes', '5'], "unknown option '--stpes'"],
  [['restorer'], '--data: expected folder of photographs to train on'],
  [['restorer', '--data', data], '--output: expected a folder'],
  [['restorer', '--data', data, '-o', 'x', '--batch', '0'], '--batch: expected at least 1'],
  [
    ['restorer', '--data', data, '-o', 'x', '--steps', 'many'],
    '--steps: expected a number, received "many"',
  ],
  [['restorer', '--data', data, '-o', 'x', '--config', '{'], '--config: expected a JSON object'],
  [
    ['restorer', '--data', data, '-o', 'x', '--save-every', 'now'],
    '--save-every: expected a number',
  ],
  [['restorer', '--data', data, '-o', 'x', '--network', 'vgg'], '--network: expected one of'],
  [['restorer', '--data', data, '-o', 'x', '--task', 'sharpen'], '--task: expected one of sr4'],
  [
    ['restorer', '--data', data, '-o', 'x', '--task', 'burst', '--burst-noise', 'some'],
    '--burst-noise: expected true or false',
  ],
  [
    ['restorer', '--data', data, '-o', 'x', '--task', 'deblur', '--degradation', '{'],
    '--degradation: expected a JSON object',
  ],
  [['restorer', '--data', data, '-o', 'x', '--crop', '18'], 'crop: expected a multiple of scale 4'],
  [['denoiser', '--data', data, '-o', 'x', '--schedule', 'linear'], '--schedule'],
  [['denoiser', '-o', data, '--resume'], '--resume: expected a folder with a run'],
])('a wrong command line exits with 2: %j', async (argv, message) => {
  const { code, stdout, stderr } = await run('train', ...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(existsSync('x')).toBe(false);
});

test('a resumed run keeps its recipe, but for the steps', async () => {
  const output = await temporaryFolder();
  expect((await run(...tiny, '-o', output, '--steps', '1')).code).toBe(0);
  const resume = ['-o', output, '--resume'];
  const other = await run('train', 'restorer', ...resume, '--batch', '3');
  expect(other).toMatchObject({ code: 2 });
  expect(other.stderr).toContain('--batch: expected the run\'s own 2 with --resume, received "3"');
  expect(await run('train', 'denoiser', ...resume)).toMatchObject({ code: 2 });
  expect(await run(...tiny, '-o', output)).toMatchObject({ code: 2 });
});

test('missing modules exit with 3 and a damaged photograph with 1, each by its name', async () => {
  const output = join(await temporaryFolder(), 'run');
  const none = join(output, 'none.safetensors');
  const argv = ['train', 'fusion', '--data', data, '--restorer', none, '--denoiser', none];
  const missing = await run(...argv, '-o', output);
  expect(missing).toMatchObject({ code: 3 });
  expect(missing.stderr).toContain(`error: ${none}: the file does not exist\n`);
  expect(existsSync(output)).toBe(false);

  const folder = await imageFolder([40, 40]);
  const damaged = join(folder, 'image-0.png');
  await writeFile(damaged, (await readFile(damaged)).subarray(0, 2000));
  const failed = await run('train', 'restorer', '--data', folder, ...size, '-o', output);
  expect(failed).toMatchObject({ code: 1 });
  expect(failed.stderr).toContain(`error: ${damaged}: `);
});
