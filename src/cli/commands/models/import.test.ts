import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { lpipsSqueeze } from '../../../networks/perceptual/lpips.js';
import { findPerceptualNetwork } from '../../../networks/registry.js';
import { decodeSafetensors } from '../../../tensor/safetensors.js';
import { type Tensor, tensor } from '../../../tensor/tensor.js';
import { decodeModule } from '../../../weights/module-file.js';
import { madeUpPerceptualModule } from '../../../weights/testing/perceptual-modules.js';
import { nafnet, writeState } from '../../testing/model-files.js';
import { runModels } from '../../testing/run-models.js';

const folder = await temporaryFolder();
const state = await writeState(join(folder, 'published.safetensors'), nafnet.weights);
const sha256 = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

type Weights = ReadonlyMap<string, Tensor>;

function expectSame(weights: Weights, expected: Weights): void {
  expect([...weights.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, { shape, data }] of expected) {
    expect(weights.get(key)!.shape).toEqual(shape);
    expect(Buffer.compare(bytesOf(weights.get(key)!.data), bytesOf(data))).toBe(0);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

test('a checkpoint becomes a module file with a manifest beside it', async () => {
  const output = join(folder, 'mine.safetensors');
  const { code, results } = await runModels('import', state, '-o', output, '--json');
  expect(code).toBe(0);
  const { network, config, weights } = decodeModule(await readFile(output), output);
  expect({ network: network.name, config }).toEqual({ network: 'nafnet', config: nafnet.config });
  expectSame(weights, nafnet.weights);
  const manifest = JSON.parse(await readFile(`${output}.json`, 'utf8'));
  expect(manifest).toEqual({
    format: 'dp-ir-import',
    version: 1,
    source: {
      file: 'published.safetensors',
      bytes: (await readFile(state)).length,
      sha256: await sha256(state),
    },
    network: 'nafnet',
    configuration: expect.objectContaining(nafnet.statedConfig as object),
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    half: false,
    licence: 'not known',
    bytes: (await readFile(output)).length,
    sha256: await sha256(output),
  });
  expect(results[0]).toEqual({ output, manifest: `${output}.json`, ...manifest });
});

test('weights in half precision take half the room and are said to', async () => {
  const output = join(folder, 'half.safetensors');
  const { results } = await runModels('import', state, '-o', output, '--half', '--json');
  const { half, bytes } = results[0] as { half: boolean; bytes: number };
  expect(half).toBe(true);
  expect(bytes).toBeLessThan(0.6 * (await readFile(state)).length);
});

test('heads of LPIPS and a backbone become one metric', async () => {
  const metric = madeUpPerceptualModule(lpipsSqueeze);
  const parts = { heads: new Map(), backbone: new Map() };
  for (const [name, value] of metric.weights) {
    if (name.startsWith('lin')) parts.heads.set(name, value);
    else parts.backbone.set(name.replace(/^net\.slice\d/, 'features'), value);
  }
  const heads = await writeState(join(folder, 'heads.safetensors'), parts.heads);
  const backbone = await writeState(join(folder, 'backbone.safetensors'), parts.backbone);
  const output = join(folder, 'lpips.safetensors');
  const argv = ['import', heads, '--backbone', backbone, '-o', output, '--json'];
  const { code, results } = await runModels(...argv);
  expect(code).toBe(0);
  expect(results[0]).toMatchObject({
    network: 'lpips-squeeze',
    backbone: { file: 'backbone.safetensors' },
  });
  const { weights } = decodeModule(await readFile(output), output, findPerceptualNetwork);
  expectSame(weights, metric.weights);
});

test.each<[string, string[], number, string]>([
  ['a name of another form', [state, '-o', join(folder, 'x.onnx')], 2, 'ends in .safetensors'],
  ['a checkpoint that is none', ['text.pth', '-o', join(folder, 'x.safetensors')], 3, 'text.pth'],
  [
    'a folder that does not exist',
    [state, '-o', join(folder, 'none', 'x.safetensors')],
    1,
    'its folder does not exist',
  ],
])('%s is refused', async (_, words, expected, message) => {
  await writeFile(join(folder, 'text.pth'), 'no weights');
  const argv = words.map((word) => (word === 'text.pth' ? join(folder, word) : word));
  const { code, stderr } = await runModels('import', ...argv);
  expect(code).toBe(expected);
  expect(stderr).toContain(message);
});

test('tensors of an unknown architecture are written as they are, where that is asked for', async () => {
  const tensors = new Map([['layer.weight', tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))]]);
  const unknown = await writeState(join(folder, 'unknown.safetensors'), tensors);
  const output = join(folder, 'plain.safetensors');
  const refused = await runModels('import', unknown, '-o', output);
  expect(refused.code).toBe(3);
  const { code, results } = await runModels(
    'import',
    unknown,
    '-o',
    output,
    '--unrecognized',
    '--json',
  );
  expect(code).toBe(0);
  expect(results[0]).toMatchObject({ network: 'unrecognized', parameters: 6, configuration: {} });
  expectSame(decodeSafetensors(await readFile(output)).tensors as Weights, tensors);
  const both = await runModels('import', unknown, '-o', output, '--unrecognized', '--half');
  expect(both.code).toBe(2);
});
