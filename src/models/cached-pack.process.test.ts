import { copyFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JobContext } from '../engine/job.js';
import { testEngine } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { restoreImage } from '../restore-files/restore.js';
import { tensor } from '../tensor/tensor.js';
import { decodeModule, encodeModule } from '../weights/module-file.js';
import { cachedPack } from './cached-pack.js';
import { identityPack } from './testing/identity-pack.js';
import { tinyPack } from './testing/tiny-pack.js';
import { writePack } from './write-pack.js';

const folder = await temporaryFolder();
const engine = testEngine();

const low = tensor(
  [3, 6, 5],
  Float32Array.from({ length: 90 }, (_, i) => (i % 11) / 11),
);
const pack = await tinyPack(await temporaryFolder());
const [restorer, denoiser, fusion] = ['restorer', 'denoiser', 'fusion'].map((role) =>
  join(pack, '..', `${role}.safetensors`),
) as [string, string, string];

/** The restoration network with weights half as large. */
async function writeWeaker(path: string): Promise<void> {
  const module = decodeModule(await readFile(restorer), 'restorer');
  const weights = new Map(
    [...module.weights].map(([name, { shape, data }]) => [
      name,
      tensor(
        shape,
        data.map((weight) => weight / 2),
      ),
    ]),
  );
  await writeFile(path, encodeModule({ ...module, weights }));
}

async function restored(call: object): Promise<Float32Array> {
  return (await restoreImage(low, { pack, engine, threads: 1, ...call })).restored.data;
}

/** What a process that keeps nothing gives. */
async function afresh(call: object): Promise<Float32Array> {
  const { restored } = await restoreImage(low, { pack, threads: 1, ...call });
  return restored.data;
}

test('a pack whose files changed is read again', async () => {
  const own = join(folder, 'pack');
  const weaker = join(folder, 'weaker.safetensors');
  await writeWeaker(weaker);
  const settings = {
    name: 'own',
    task: 'sr4',
    sampler: { tau: 20, steps: 3 },
    tMax: 50,
    tile: 256,
  } as const;
  await writePack(own, { ...settings, files: { restorer, denoiser, fusion } });
  const before = await restored({ pack: own });
  expect(await restored({ pack: own })).toEqual(before);
  await rm(own, { recursive: true });
  await writePack(own, { ...settings, files: { restorer: weaker, denoiser, fusion } });
  const after = await restored({ pack: own });
  expect(after).not.toEqual(before);
  expect(after).toEqual(await afresh({ pack: own }));
});

test('modules that were swapped are those of the call, and those of now', async () => {
  const file = join(folder, 'swapped.safetensors');
  await copyFile(restorer, file);
  const plain = await restored({});
  expect(await restored({ modules: { restorer: file } })).toEqual(plain);
  await writeWeaker(file);
  const swapped = await restored({ modules: { restorer: file } });
  expect(swapped).not.toEqual(plain);
  expect(await restored({})).toEqual(plain);
});

test('work between others gives the bytes that it gives alone', async () => {
  const alone = await afresh({ seed: 5 });
  await restored({ seed: 1, memory: 320 * 2 ** 20 });
  await restoreImage(tensor([3, 9, 14]), { pack, engine, threads: 1 });
  expect(await restored({ seed: 5 })).toEqual(alone);
});

test('modules of another pack are never kept under the name of the one that was found', async () => {
  const name = join(folder, 'latest');
  await symlink(pack, name);
  const other = await identityPack(folder, 4);
  const context: Pick<JobContext, 'cached'> = {
    cached: async (_, make) => {
      await rm(name);
      await symlink(other, name);
      return (await make()).value;
    },
  };
  await expect(cachedPack(context, name, {}, {})).rejects.toThrow(
    'is not the file that the pack names',
  );
});
