import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { packFolder } from '../../../models/testing/pack-folder.js';
import { lpipsSqueeze } from '../../../networks/perceptual/lpips.js';
import { exportModule } from '../../../weights/export-onnx.js';
import { encodeModule } from '../../../weights/module-file.js';
import { madeUpPerceptualModule } from '../../../weights/testing/perceptual-modules.js';
import { nafnet, writeState } from '../../testing/model-files.js';
import { runModels } from '../../testing/run-models.js';

const folder = await temporaryFolder();
const state = await writeState(join(folder, 'published.safetensors'), nafnet.weights);

test('a bare state dictionary tells architecture, configuration and cost', async () => {
  const { code, results } = await runModels('inspect', state, '--json');
  expect(code).toBe(0);
  expect(results[0]).toMatchObject({
    kind: 'network',
    architecture: 'nafnet',
    configuration: nafnet.statedConfig,
    role: 'restorer',
    scale: 1,
    size: { multiple: 4 },
    licence: 'not known',
  });
  const parameters = [...nafnet.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  expect(results[0]).toHaveProperty('parameters', parameters);
  expect(results[0]!.macsPerMegapixel).toBeGreaterThan(0);
  expect(results[0]!.countingRule).toContain('multiply-adds');
});

test('people read the same as a table', async () => {
  const { stdout, stderr } = await runModels('inspect', state);
  expect(stdout).toMatch(/published\.safetensors: nafnet\n {2}configuration {2}\{"/);
  expect(stdout).toMatch(/^ {2}size +multiples of 4, at least 4; others are padded$/m);
  expect(stdout).toMatch(/^ {2}tiling +changes every pixel/m);
  expect(stdout).toMatch(/^ {2}work +[\d.]+ [MG]MAC per megapixel of input$/m);
  expect(stderr).toContain('MAC: multiply-adds');
});

test('a metric is told from a network that makes images', async () => {
  const path = join(folder, 'lpips.safetensors');
  await writeFile(path, encodeModule(madeUpPerceptualModule(lpipsSqueeze)));
  const { results } = await runModels('inspect', path, '--json');
  expect(results[0]).toMatchObject({
    kind: 'perceptual',
    architecture: 'lpips-squeeze',
    images: 2,
    better: 'lower',
    role: 'perceptual',
  });
  const { stdout } = await runModels('inspect', path);
  expect(stdout).toMatch(/^ {2}judges +an image by its reference$/m);
});

test('an ONNX file shows its inputs, output and operators', async () => {
  const path = join(folder, 'nafnet.onnx');
  await writeFile(path, exportModule(nafnet, 'dynamic').bytes);
  const { results } = await runModels('inspect', path, '--json');
  expect(results[0]).toMatchObject({
    kind: 'onnx',
    inputs: [{ name: 'image', axes: [1, 3, 'height', 'width'] }],
    output: { name: 'output' },
  });
  const { stdout } = await runModels('inspect', path);
  expect(stdout).toMatch(/^ {2}inputs +image: float32 \[1, 3, height, width\]$/m);
});

test('a pack shows its three modules', async () => {
  const pack = await packFolder(join(folder, 'packs'));
  const { code, results } = await runModels('inspect', pack, '--json');
  expect(code).toBe(0);
  expect(results[0]).toMatchObject({
    kind: 'pack',
    manifest: { name: 'made-up' },
    modules: {
      restorer: { role: 'restorer' },
      denoiser: { role: 'denoiser' },
      fusion: { role: 'fusion' },
    },
  });
  expect((await runModels('inspect', pack)).stdout).toMatch(/^denoiser: unshuffled-unet$/m);
});

test.each<[string, string[], number, string]>([
  ['a name that is not known', ['swinir-x4'], 3, 'did you mean swinir-'],
  ['a model that is not stored', ['swinir-light-x4'], 3, 'dp-ir models pull swinir-light-x4'],
  ['a model that people fetch', ['esrgan-x4'], 3, 'dp-ir models pull esrgan-x4 --from FILE'],
  ['a wrong architecture', [state, '--network', 'rrdb'], 3, 'published.safetensors'],
  ['an architecture that is none', [state, '--network', 'resnet'], 2, 'known architecture'],
  ['a configuration that is not JSON', [state, '--config', '{'], 2, '--config: expected a JSON'],
  ['no model', [], 2, "missing required argument 'model'"],
])('%s is refused', async (_, words, expected, message) => {
  const { code, stderr } = await runModels('inspect', ...words, '--store', folder);
  expect(code).toBe(expected);
  expect(stderr).toContain(message);
});
