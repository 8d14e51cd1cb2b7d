import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { writeTestImage } from '../../../images/testing/image-files.js';
import { loadPack } from '../../../models/packs.js';
import { moduleFiles } from '../../../models/testing/pack-folder.js';
import { writePack } from '../../../models/write-pack.js';
import { curved, enlarging, toy } from '../../../restoration/testing/onnx-modules.js';
import { runCommands } from '../../testing/run-commands.js';
import { command as models } from '../models/index.js';
import { command as restore } from './restore.js';

const folder = await temporaryFolder();
const parts = await moduleFiles(join(folder, 'modules'));
const pack = join(folder, 'pack');
await writePack(pack, parts);
const plain = join(folder, 'plain.png');
await writeTestImage(plain, 12, 9);

async function written(name: string, content: Uint8Array | string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}
const four = await written('four.onnx', enlarging(4).bytes);
// A restorer of which nothing tells the range.
const odd = await written('odd.onnx', toy((x) => curved(x, 0.5, 0.2, 0.02)).bytes);
const contract = await written('range.json', '{ "range": [0, 1] }');
const wrong = await written('wrong.json', '{ "range": [0, 255] }');

const store = process.env.DP_IR_HOME;
process.env.DP_IR_HOME = join(folder, 'home');
afterAll(() => {
  if (store === undefined) delete process.env.DP_IR_HOME;
  else process.env.DP_IR_HOME = store;
});

const run = (...argv: string[]) => runCommands([models, restore], argv);

const packing = (output: string, files: Readonly<Record<string, string>>, ...more: string[]) => {
  const flags = { ...parts.files, tau: '5', steps: '2', 't-max': '250', ...files };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return run('models', 'pack', '-o', output, '--name', 'open', ...words, ...more);
};

test('a pack of an ONNX file: what its probe found is said', async () => {
  const output = join(folder, 'four');
  const { code, stdout, stderr } = await packing(output, { restorer: four }, '--json');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('probed') as string,
  });
  expect(stderr).toContain('range [0,1] (measured: [0,1] is off by');
  expect(stderr).toContain('scale 4 (measured: 48 x 48 pixels become 192 x 192)');
  const { probes } = JSON.parse(stdout) as { probes: { restorer: { contract: object } } };
  expect(probes.restorer.contract).toMatchObject({ scale: 4, range: [0, 1] });
  const { manifest } = await loadPack(output);
  expect(manifest.modules.restorer.contract).toEqual(probes.restorer.contract);
});

test('a contract that must be stated is asked for, taken from a file and checked', async () => {
  const output = join(folder, 'odd');
  const deblur = ['--task', 'deblur'];
  const asked = await packing(output, { restorer: odd }, ...deblur);
  expect(asked.code).toBe(3);
  expect(asked.stderr).toContain('odd.onnx: its contract must be stated: range');

  const refused = await packing(output, { restorer: four, 'restorer-contract': wrong });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('four.onnx: range stated [0,255], but the output equals');

  const none = { restorer: odd, 'restorer-contract': join(folder, 'none.json') };
  const missing = await packing(output, none, ...deblur);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('--restorer-contract: expected a JSON file');

  const stated = await packing(output, { restorer: odd, 'restorer-contract': contract }, ...deblur);
  expect(stated.code).toBe(0);
  expect((await loadPack(output)).manifest).toMatchObject({ task: 'deblur', scale: 1 });
});

test('modules of a pack are swapped for one image, which is said', async () => {
  const output = join(folder, 'swapped.png');
  const swaps = ['--restorer', four, '--denoiser', parts.files.denoiser];
  const { code, stdout } = await run(
    ...['restore', '-i', plain, '-o', output, '--model', pack, ...swaps],
  );
  expect(code).toBe(0);
  expect(stdout).toContain(
    `modules in place of the pack's: restorer ${four}, denoiser ${parts.files.denoiser}`,
  );
  const own = join(folder, 'own.png');
  const plainly = await run('restore', '-i', plain, '-o', own, '--model', pack);
  expect(await readFile(own)).not.toEqual(await readFile(output));
  expect(plainly.stdout).not.toContain('in place of the pack');
});

test.each<[string, string[], number, string]>([
  ['a module that is missing', ['--fusion', 'none.safetensors'], 3, 'none.safetensors'],
  ['a model that is not stored', ['--restorer', 'swinir-light-x4'], 3, 'dp-ir models pull'],
  ['a contract without its file', ['--denoiser-contract', contract], 2, 'expected a --denoiser'],
  ['a wrong contract', ['--restorer', four, '--restorer-contract', wrong], 3, 'range stated'],
  [
    'a restorer of another scale',
    ['--restorer', odd, '--restorer-contract', contract],
    3,
    'scale 4',
  ],
])('%s is refused', async (_, flags, code, message) => {
  const output = join(folder, 'refused.png');
  const result = await run('restore', '-i', plain, '-o', output, '--model', pack, ...flags);
  expect(result.stderr).toContain(message);
  expect(result.code).toBe(code);
});
