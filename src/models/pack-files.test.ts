import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { compactModules, madeUpModule } from '../restoration/testing/packs.js';
import { ModelError, OutputError, ParameterError } from '../utils/errors.js';
import { loadPack } from './packs.js';
import { moduleFiles } from './testing/pack-folder.js';
import { loadModuleFile, writePack } from './write-pack.js';

const folder = await temporaryFolder();
const parts = await moduleFiles(join(folder, 'modules'));
let made = 0;

/** A fresh pack whose files may be spoilt. */
async function freshPack(): Promise<string> {
  const path = join(folder, `pack${made++}`);
  await writePack(path, parts);
  return path;
}

test('a pack is read as it was written', async () => {
  const path = await freshPack();
  expect((await readdir(path)).sort()).toEqual([
    'denoiser.safetensors',
    'fusion.safetensors',
    'pack.json',
    'restorer.safetensors',
  ]);
  const pack = await loadPack(path);
  expect(pack.manifest).toMatchObject({ name: 'made-up', scale: 4, tMax: 250, tile: 1024 });
  expect(pack.restorer).toEqual(compactModules.restorer);
  expect(pack.denoiser).toEqual(compactModules.denoiser);
  expect(pack.fusion).toEqual(compactModules.fusion);
});

test('a pack of half precision is half as large and is the pack that is read', async () => {
  const path = join(folder, 'half');
  await writePack(path, { ...parts, half: true, description: 'small' });
  const { manifest } = await loadPack(path);
  const restorer = await loadModuleFile(join(path, 'restorer.safetensors'));
  const before = compactModules.restorer.weights.get('tail.weight')!.data;
  const after = restorer.weights.get('tail.weight')!.data;
  expect(manifest.description).toBe('small');
  expect(after).not.toEqual(before);
  after.forEach((value, place) => {
    expect(value).toBeCloseTo(before[place]!, 3);
  });
});

test('packs share a denoiser that lies beside them, and know it by its hash', async () => {
  const paths = [join(folder, 'one'), join(folder, 'two')];
  for (const path of paths) await writePack(path, { ...parts, sharedDenoiser: true });
  for (const path of paths) {
    expect((await readdir(path)).sort()).toEqual([
      'fusion.safetensors',
      'pack.json',
      'restorer.safetensors',
    ]);
    const { manifest, denoiser } = await loadPack(path);
    expect(manifest.modules.denoiser.file).toBe('../modules/denoiser-weights.safetensors');
    expect(denoiser).toEqual(compactModules.denoiser);
  }
  const elsewhere = writePack(join(folder, 'deep', 'three'), { ...parts, sharedDenoiser: true });
  await expect(elsewhere).rejects.toThrow(ParameterError);
});

test.each(['../../denoiser.safetensors', '/etc/passwd', '../a/b/c', '..', 'a/b', '../.ssh/key'])(
  'a manifest does not name %s',
  async (file) => {
    const path = await freshPack();
    const manifest = JSON.parse(await readFile(join(path, 'pack.json'), 'utf8'));
    manifest.modules.denoiser.file = file;
    await writeFile(join(path, 'pack.json'), JSON.stringify(manifest));
    await expect(loadPack(path)).rejects.toThrow(/modules\.denoiser\.file: expected/);
  },
);

test('a pack that is not there is refused with what there is', async () => {
  await expect(loadPack(join(folder, 'nowhere'))).rejects.toThrow(ModelError);
  await expect(loadPack(join(folder, 'nowhere'))).rejects.toThrow('is no pack');
  await expect(loadPack('no-such-pack')).rejects.toThrow('is no pack');
});

test.each<[string, string, (bytes: Buffer) => string | Uint8Array, RegExp]>([
  ['damaged JSON', 'pack.json', () => '{', /pack\.json: is not JSON/],
  ['a wrong manifest', 'pack.json', () => '{}', /pack\.json: format/],
  ['a manifest that is huge', 'pack.json', () => ' '.repeat(2 ** 20 + 1), /pack\.json: is larger/],
  ['one changed byte', 'fusion.safetensors', flipped, /fusion\.safetensors: is not the file/],
  [
    'a cut file',
    'denoiser.safetensors',
    (bytes) => bytes.subarray(9),
    /denoiser\.safetensors: is not/,
  ],
])('%s is refused by the name of the file', async (_, file, spoil, message) => {
  const path = await freshPack();
  const bytes = await readFile(join(path, file));
  await writeFile(join(path, file), spoil(bytes));
  await expect(loadPack(path)).rejects.toThrow(ModelError);
  await expect(loadPack(path)).rejects.toThrow(message);
});

function flipped(bytes: Buffer): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

test('a missing module is refused by the name of its file', async () => {
  const path = await freshPack();
  await rm(join(path, 'restorer.safetensors'));
  await expect(loadPack(path)).rejects.toThrow(/restorer\.safetensors: the file does not exist/);
});

test('modules that do not fit together are refused when loaded as when written', async () => {
  const swapped = { ...parts.files, denoiser: parts.files.restorer };
  const path = join(folder, 'swapped');
  await expect(writePack(path, { ...parts, files: swapped })).rejects.toThrow('its denoiser');
  await expect(readdir(path)).rejects.toThrow('ENOENT');
});

test('times that contradict each other are refused', async () => {
  const write = (tau: number, steps: number) =>
    writePack(join(folder, 'times'), { ...parts, sampler: { tau, steps } });
  await expect(write(251, 2)).rejects.toThrow(ParameterError);
  await expect(write(251, 2)).rejects.toThrow('tau: expected at most `tMax` 250, received 251');
  await expect(write(5, 6)).rejects.toThrow('steps: expected at most `tau` 5, received 6');
});

test('a folder that cannot be made is named', async () => {
  const path = join(parts.files.fusion, 'pack');
  await expect(writePack(path, parts)).rejects.toThrow(OutputError);
  await expect(writePack(path, parts)).rejects.toThrow(path);
});

test('a module file is read by itself', async () => {
  expect(await loadModuleFile(parts.files.fusion)).toEqual(compactModules.fusion);
  await expect(loadModuleFile(join(folder, 'none'))).rejects.toThrow(ModelError);
});

test('networks whose configuration has other names in files make packs too', async () => {
  const restorer = madeUpModule('swinir', {
    upscale: 4,
    embed_dim: 8,
    depths: [2],
    num_heads: [2],
    window_size: 4,
    upsampler: 'pixelshuffledirect',
  });
  const own = await moduleFiles(join(folder, 'swinir'), { ...compactModules, restorer });
  await writePack(join(folder, 'swinir-pack'), own);
  expect((await loadPack(join(folder, 'swinir-pack'))).restorer).toEqual(restorer);
});
