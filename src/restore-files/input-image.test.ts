import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { joinDegraded } from '../restoration/index.js';
import { compactPack } from '../restoration/testing/packs.js';
import { LimitError, ParameterError } from '../utils/errors.js';
import { openImageFile } from './input-image.js';
import { restoreIntoFiles } from './restore-image.js';
import type { RestoreSession } from './restore-session.js';
import { ResultFiles } from './result-file.js';
import { planSamples } from './samples.js';

const folder = await temporaryFolder();
const runner = await testRunner();

const pack = compactPack();
const limit = { scale: 4, maxPixels: 2 ** 28 };
const session: RestoreSession = {
  pack,
  swapped: {},
  runner,
  options: { steps: 1, tau: 9, tile: 200, region: 388 },
  maxPixels: limit.maxPixels,
  reportTiling: false,
  samples: planSamples({}),
};

const [width, height] = [109, 103];
function waves(channels: 3 | 4) {
  const samples = Uint8Array.from({ length: width * height * channels }, (_, place) => {
    const [x, y] = [Math.floor(place / channels) % width, Math.floor(place / channels / width)];
    return 128 + 90 * Math.sin(0.2 * x + 0.31 * y + (place % channels));
  });
  return sharp(samples, { raw: { width, height, channels } });
}

async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function restored(input: string, output: string, streamed: number): Promise<Buffer> {
  const {
    input: degraded,
    result,
    close,
  } = await openImageFile(input, output, limit, { streamed });
  await restoreIntoFiles(session, joinDegraded(degraded, pack), new ResultFiles(result, {}));
  await close();
  return readFile(output);
}

test.each([
  ['photograph.jpg', waves(3).withMetadata({ orientation: 6 }).jpeg(), 'png'],
  ['alpha.png', waves(4).png(), 'tiff'],
  ['deep.tif', waves(3).toColourspace('rgb16').withIccProfile('p3').tiff(), 'png'],
  ['upside-down.tif', waves(4).withMetadata({ orientation: 3 }).tiff(), 'png'],
])('%s from the disk gives the file that it gives from memory', async (name, made, format) => {
  const input = await saved(name, await made.toBuffer());
  const output = (way: string): string => join(folder, `${name}-${way}.${format}`);
  const whole = await restored(input, output('memory'), 2 ** 25);
  const streamed = await restored(input, output('disk'), 0);
  expect(streamed.equals(whole)).toBe(true);
  expect((await readdir(folder)).filter((own) => own.includes('tmp'))).toEqual([]);
});

test('what the output cannot hold is refused before anything is decoded', async () => {
  const input = await saved('deep.png', await waves(3).toColourspace('rgb16').png().toBuffer());
  await writeFile(input, (await readFile(input)).subarray(0, 300));
  const call = openImageFile(input, join(folder, 'deep.jpg'), limit, { streamed: 0 });
  await expect(call).rejects.toThrow(ParameterError);
  const small = { scale: 4, maxPixels: 1000 };
  await expect(openImageFile(input, join(folder, 'x.png'), small, { streamed: 0 })).rejects.toThrow(
    LimitError,
  );
});
