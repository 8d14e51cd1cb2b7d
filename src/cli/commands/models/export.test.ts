import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { runModel } from '../../../graph/testing/evaluate.js';
import { sample } from '../../../graph/testing/tensors.js';
import { madeUpOutput } from '../../../networks/testing/networks.js';
import { madeUpModule, nafnet, writeState } from '../../testing/model-files.js';
import { runModels } from '../../testing/run-models.js';

const folder = await temporaryFolder();
const state = await writeState(join(folder, 'nafnet.safetensors'), nafnet.weights);
const swinir = madeUpModule('swinir', {
  img_size: 16,
  window_size: 8,
  depths: [2],
  embed_dim: 12,
  num_heads: [2],
  upscale: 1,
});
const windows = await writeState(join(folder, 'swinir.safetensors'), swinir.weights);

async function expectAgreement(path: string, height: number, width: number): Promise<void> {
  const image = sample([1, 3, height, width], height, { low: 0, high: 1 });
  const { output } = await runModel(await readFile(path), { image });
  const expected = await madeUpOutput(nafnet.network, nafnet.statedConfig, [image]);
  expect(output!.shape).toEqual(expected.shape);
  const worst = output!.data.map((value, place) => Math.abs(value - expected.data[place]!));
  expect(Math.max(...worst)).toBeLessThan(2e-6);
}

test('a model with dynamic axes is that of the network at other sizes', async () => {
  const output = join(folder, 'dynamic.onnx');
  const { code, results } = await runModels('export', state, '-o', output, '--dynamic', '--json');
  expect(code).toBe(0);
  expect(results[0]).toMatchObject({
    network: 'nafnet',
    size: 'dynamic',
    multiple: 4,
    inputs: ['image'],
  });
  await expectAgreement(output, 36, 20);
  await expectAgreement(output, 8, 64);
});

test('a model of one size is that of the network', async () => {
  const output = join(folder, 'still.onnx');
  const { code, stdout } = await runModels('export', state, '-o', output, '--size', '13x18');
  expect(code).toBe(0);
  expect(stdout).toMatch(/still\.onnx: nafnet, image -> output, 13 x 18 pixels, [\d.]+ kB/);
  await expectAgreement(output, 13, 18);
});

test.each<[string, string[], number, string]>([
  ['windows with dynamic axes', [windows, '--dynamic'], 3, 'cannot have dynamic axes'],
  ['neither size nor --dynamic', [state], 2, '--size: expected either --size HxW or --dynamic'],
  ['both', [state, '--size', '8x8', '--dynamic'], 2, '--size: expected either'],
  ['a size that is none', [state, '--size', 'large'], 2, 'such as 256x320'],
  ['a size of nothing', [state, '--size', '0x8'], 2, 'height: expected a positive number'],
])('%s is refused', async (_, words, expected, message) => {
  const argv = ['export', ...words, '-o', join(folder, 'refused.onnx')];
  const { code, stderr } = await runModels(...argv);
  expect(code).toBe(expected);
  expect(stderr).toContain(message);
});

test('a name of another form is refused', async () => {
  const { code, stderr } = await runModels('export', state, '-o', 'x.pth', '--dynamic');
  expect(code).toBe(2);
  expect(stderr).toContain('ends in .onnx');
});
