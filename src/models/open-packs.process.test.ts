import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testEngine, testRunner } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import {
  isOnnx,
  joinPack,
  type ProbeReport,
  restoreImage as restoreHere,
} from '../restoration/index.js';
import { largestDifference, waves } from '../restoration/testing/images.js';
import { denoised, enlarging, toy, unit } from '../restoration/testing/onnx-modules.js';
import { compactModules, madeUpManifest, madeUpModule } from '../restoration/testing/packs.js';
import { restoreImage } from '../restore-files/restore.js';
import { encodeSafetensors } from '../tensor/safetensors.js';
import { ModelError } from '../utils/errors.js';
import { exportModule } from '../weights/export-onnx.js';
import { encodeModule } from '../weights/module-file.js';
import { defineOnnxModule } from '../weights/onnx/onnx-module.js';
import { probeModel } from './open-module.js';
import { loadPack } from './packs.js';
import { moduleFiles } from './testing/pack-folder.js';
import { writePack } from './write-pack.js';

const folder = await temporaryFolder();
const engine = testEngine();
const runner = await testRunner();
const parts = await moduleFiles(join(folder, 'modules'));
const call = { engine, threads: 1 };

async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

const restorer = await file('four.onnx', enlarging(4).bytes);
const denoiser = await file(
  'denoiser.onnx',
  toy((x, level) => denoised(unit(x), level), { level: [1] }).bytes,
);
const open = { ...parts, files: { ...parts.files, restorer, denoiser } };

test('a pack of ONNX files: probed when it is written, and read as it was', async () => {
  const path = join(folder, 'open');
  const probes = new Map<string, ProbeReport>();
  const manifest = await writePack(
    path,
    {
      ...open,
      provenance: { restorer: { source: 'a test', licence: 'MIT' } },
      onProbe: (role, report) => probes.set(role, report),
    },
    { engine },
  );
  expect((await readdir(path)).sort()).toEqual([
    'denoiser.onnx',
    'fusion.safetensors',
    'pack.json',
    'restorer.onnx',
  ]);
  expect([...probes.keys()]).toEqual(['restorer', 'denoiser']);
  expect(manifest.modules.restorer).toMatchObject({
    file: 'restorer.onnx',
    contract: { role: 'restorer', scale: 4, range: [0, 1], order: 'rgb', layout: 'nchw' },
    provenance: { source: 'a test', licence: 'MIT' },
  });
  expect(manifest.modules.denoiser.contract).toMatchObject({
    role: 'denoiser',
    noise: { kind: 'scalar', times: 1 },
  });

  const pack = await loadPack(path);
  expect(isOnnx(pack.restorer) && isOnnx(pack.denoiser) && !isOnnx(pack.fusion)).toBe(true);
  const there = await restoreImage(waves(9, 12), { ...call, pack: path });
  const here = await restoreHere(waves(9, 12), pack, runner);
  expect(largestDifference(there.image, here.image)).toBe(0);
  expect(there).toMatchObject({ width: 48, height: 36, roughMacs: true });
  expect(there.swapped).toBeUndefined();
});

test('a contract is stated with the file, or in a file beside it, and is checked', async () => {
  const path = join(folder, 'stated');
  const wrong = {
    ...open.files,
    restorer: { file: restorer, contract: { range: [0, 255] as [0, 255] } },
  };
  const write = () => writePack(path, { ...open, files: wrong }, { engine });
  await expect(write()).rejects.toThrow(ModelError);
  await expect(write()).rejects.toThrow(/four\.onnx: range stated \[0,255\], but the output/);
  await expect(readdir(path)).rejects.toThrow('ENOENT');

  const beside = await file('beside.onnx', enlarging(4).bytes);
  await file('beside.contract.json', '{ "scale": 2 }');
  const files = { ...open.files, restorer: beside };
  await expect(writePack(path, { ...open, files }, { engine })).rejects.toThrow('scale stated 2');
  await file('beside.contract.json', '{ "size": 2 }');
  await expect(writePack(path, { ...open, files }, { engine })).rejects.toThrow(
    /beside\.contract\.json: size/,
  );
  await file('beside.contract.json', '{');
  await expect(writePack(path, { ...open, files }, { engine })).rejects.toThrow('is not JSON');
});

test('what a probe cannot decide must be stated before there is a pack', async () => {
  const odd = await file('odd.onnx', toy((x, level) => denoised(x, level), { level: [1] }).bytes);
  const report = await probeModel(odd, 'denoiser', { engine });
  expect(report.undecided.length).toBeGreaterThan(0);
  const files = { ...open.files, denoiser: odd };
  const path = join(folder, 'undecided');
  await expect(writePack(path, { ...open, files }, { engine })).rejects.toThrow(
    /odd\.onnx: its contract must be stated: range/,
  );
  const stated = { file: odd, contract: { range: [0, 1] as [0, 1] } };
  await writePack(path, { ...open, files: { ...files, denoiser: stated } }, { engine });
  expect((await loadPack(path)).manifest.modules.denoiser.contract).toMatchObject({
    range: [0, 1],
  });
});

test('a fusion network is no ONNX file', async () => {
  const files = { ...parts.files, fusion: restorer };
  const writing = writePack(join(folder, 'fusion'), { ...parts, files });
  await expect(writing).rejects.toThrow('a fusion network must be one of this package');
});

test('a published state dictionary is a module: its network is detected', async () => {
  const swinir = madeUpModule('swinir', {
    upscale: 4,
    embed_dim: 8,
    depths: [2],
    num_heads: [2],
    window_size: 4,
    img_size: 16,
    upsampler: 'pixelshuffledirect',
  });
  const published = await file('published.safetensors', encodeSafetensors(swinir.weights));
  const path = join(folder, 'published');
  await writePack(path, { ...parts, files: { ...parts.files, restorer: published } });
  const pack = await loadPack(path);
  expect(pack.restorer).toMatchObject({ network: { name: 'swinir' }, weights: swinir.weights });
});

test('a deblurring pack keeps the size', async () => {
  const sharp = await file('sharp.onnx', toy(unit).bytes);
  const path = join(folder, 'deblur');
  const files = { ...open.files, restorer: sharp };
  await expect(writePack(path, { ...open, files }, { engine })).rejects.toThrow(
    'scale: expected 4 for sr4, received 1',
  );
  await writePack(path, { ...open, task: 'deblur', files }, { engine });
  const { width, height } = await restoreImage(waves(10, 12), { ...call, pack: path });
  expect([height, width]).toEqual([10, 12]);
});

test('modules are swapped for one restoration, and the result says so', async () => {
  const pack = join(folder, 'own');
  await writePack(pack, parts);
  const other = madeUpModule('unshuffled-unet', { unshuffle: 2, widths: [4, 8], blocks: 1 });
  const weights = await file('other.safetensors', encodeModule(other));
  const image = waves(9, 8);
  const modules = { restorer, denoiser: weights };
  const swapped = await restoreImage(image, { ...call, pack, modules });
  expect(swapped.swapped).toEqual({ restorer, denoiser: weights });

  const own = await loadPack(pack);
  const contract = (await probeModel(restorer, 'restorer', { engine })).contract!;
  const expected = joinPack(
    own.manifest,
    {
      restorer: defineOnnxModule(enlarging(4), contract),
      denoiser: other,
      fusion: compactModules.fusion,
    },
    'expected',
  );
  const { image: result } = await restoreHere(image, expected, runner);
  expect(largestDifference(swapped.image, result)).toBe(0);

  const wrong = restoreImage(image, { ...call, pack, modules: { fusion: weights } });
  await expect(wrong).rejects.toThrow('cannot be its fusion');
});

test('a network of this package exported with dynamic axes gives the image of the network', async () => {
  const { bytes } = exportModule(compactModules.restorer, 'dynamic');
  const exported = await file('exported.onnx', bytes);
  const contract = {
    range: [0, 1] as [0, 1],
    order: 'rgb' as const,
    output: 'image' as const,
    radius: compactModules.restorer.network.receptiveRadius(compactModules.restorer.config)!,
  };
  const path = join(folder, 'exported');
  const files = { ...parts.files, restorer: { file: exported, contract } };
  await writePack(path, { ...parts, files }, { engine });
  const settings = { tau: 6, steps: 3, seed: 2, tile: 140 };
  const there = await restoreImage(waves(40, 33), { ...call, ...settings, pack: path });
  const own = joinPack(madeUpManifest(), compactModules, 'own');
  const here = await restoreHere(waves(40, 33), own, runner, settings);
  expect(largestDifference(there.image, here.image)).toBeLessThan(1e-5);
  expect(there.tiles).toBeGreaterThan(1);
});
