import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { packFolder } from '../models/testing/pack-folder.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { describeRestoration } from './batch/done-records.js';
import type { RestoreRequest } from './restore-request.js';

const folder = await temporaryFolder();
const pack = await packFolder(folder);
const same = await describeRestoration({ pack });

test.each<RestoreRequest>([
  { tau: 5, steps: 2, eta: 0, start: 'accelerated', sampler: 'ddim', variance: 'large' },
  { seed: 0, device: 'cpu', tile: 1024, task: 'sr4' },
  { threads: 1, maxPixels: 9, reportTiling: true, region: undefined },
  { memory: 2 ** 30, timeout: 9, limits: { maxPixels: 9 }, strip: false },
])('%o says nothing else than the defaults', async (words) => {
  expect(await describeRestoration({ pack, ...words })).toBe(same);
});

test.each<RestoreRequest>([
  { tau: 6 },
  { steps: 1 },
  { variance: 'small' },
  { seed: 1 },
  { tile: 512 },
  { region: 512 },
  { strip: true },
  { device: 'webgpu' },
  { samples: 2 },
  { mean: 2 },
  { modules: { fusion: join(pack, 'denoiser.safetensors') } },
])('%o gives other results', async (other) => {
  expect(await describeRestoration({ pack, ...other })).not.toBe(same);
});

test('what cannot be restored has no digest', async () => {
  await expect(describeRestoration({ pack: 'none' })).rejects.toThrow(ModelError);
  await expect(describeRestoration({ pack, tau: 251 })).rejects.toThrow(ParameterError);
});
