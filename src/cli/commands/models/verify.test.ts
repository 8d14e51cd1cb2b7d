import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { packFolder } from '../../../models/testing/pack-folder.js';
import { nafnet, writeState } from '../../testing/model-files.js';
import { runModels } from '../../testing/run-models.js';

const folder = await temporaryFolder();

async function filledStore(name: string): Promise<string> {
  const store = join(folder, name);
  const file = join(folder, `${name}.bin`);
  // As a checkpoint begins.
  await writeFile(file, 'PK\x03\x04 weights');
  await runModels('pull', 'rrdb-psnr-x4', '--from', file, '--store', store);
  const state = await writeState(join(folder, `${name}.safetensors`), nafnet.weights);
  await runModels('import', state, '-o', join(store, 'mine.safetensors'));
  return store;
}

test('what is shipped and stored is hashed again', async () => {
  const store = await filledStore('whole');
  const { code, results } = await runModels('verify', '--store', store, '--json');
  expect(code).toBe(0);
  const paths = results.map(({ path, state }) => `${state} ${path}`);
  for (const file of ['sr4.restorer', 'sr4.fusion', 'denoiser.denoiser'])
    expect(paths.join('\n')).toMatch(new RegExp(`^ok .*models.${file}\\.safetensors$`, 'm'));
  expect(paths).toContain(`ok ${join(store, 'RRDB_PSNR_x4.pth')}`);
  expect(paths).toContain(`ok ${join(store, 'mine.safetensors')}`);
});

test('damaged files are listed, and the exit code is 1', async () => {
  const store = await filledStore('damaged');
  await appendFile(join(store, 'RRDB_PSNR_x4.pth'), 'x');
  await appendFile(join(store, 'mine.safetensors'), 'x');
  await writeFile(join(store, 'drunet_color.pth'), 'cut');
  const { code, stdout, stderr } = await runModels('verify', '--store', store);
  expect(code).toBe(1);
  for (const file of ['RRDB_PSNR_x4.pth', 'mine.safetensors', 'drunet_color.pth']) {
    expect(stdout).toMatch(new RegExp(`^damaged  .*${file}`, 'm'));
    expect(stderr).toContain(file);
  }
  expect(stdout).toContain('has 3 bytes, expected 130579305');
  expect(stderr).not.toContain('sr4');
});

test('a pack is judged file by file', async () => {
  const pack = await packFolder(join(folder, 'packs'));
  expect((await runModels('verify', pack)).code).toBe(0);
  await appendFile(join(pack, 'fusion.safetensors'), 'x');
  await rm(join(pack, 'denoiser.safetensors'));
  const { code, results } = await runModels('verify', pack, '--json');
  expect(code).toBe(1);
  expect(results.map(({ name, state }) => [name, state])).toEqual([
    ['made-up, restorer', 'ok'],
    ['made-up, denoiser', 'damaged'],
    ['made-up, fusion', 'damaged'],
  ]);
});

test('a file of which nothing is known is no success', async () => {
  const path = await writeState(join(folder, 'stranger.safetensors'), nafnet.weights);
  const { code, results } = await runModels('verify', path, '--json');
  expect(code).toBe(1);
  expect(results[0]).toMatchObject({ state: 'unknown', detail: 'nobody says what it should be' });
});

test('a name that is not known is refused', async () => {
  const { code, stderr } = await runModels('verify', 'nothing', '--store', folder);
  expect(code).toBe(3);
  expect(stderr).toContain('is neither a file nor a model of the catalogue');
});
