import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeTestImage } from '../../datasets/testing/files.js';
import { testEngine } from '../../engine/testing/runners.js';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeImage, decodeImageBytes } from '../../images/decode.js';
import { quantise } from '../../images/raster.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { enlargeNearest } from '../../reports/page.js';
import { restoreFile, restoreImage } from '../../restore-files/restore.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import { ParameterError } from '../../utils/errors.js';
import { writeTrajectory } from './trajectory.js';

const engine = testEngine({ processes: 1 });

const folder = await temporaryFolder();
const input = await writeTestImage(join(folder, 'a.png'), { width: 20, height: 16 });
let pack = '';
beforeAll(async () => {
  pack = await tinyPack(await temporaryFolder());
});

/** The images of a page by what they are said to be. */
async function imagesOf(html: string): Promise<Map<string, Tensor>> {
  const found = new Map<string, Tensor>();
  for (const [, name, base64] of html.matchAll(
    /<img [^>]*alt="([^"]*)" src="data:image\/png;base64,([^"]*)"/g,
  ))
    found.set(name!, (await decodeImageBytes(Buffer.from(base64!, 'base64'))).tensor);
  return found;
}

const bytes = (image: Tensor) => quantise([image], 8);
const part = { left: 9, top: 3, width: 40, height: 40 };
const call = { seed: 5, tau: 20, steps: 3, threads: 1 } as const;

test('the strip shows the input, x_IR, the result and all steps with the pixels they have', async () => {
  const page = join(folder, 'page.html');
  const crop = { left: part.left, top: part.top, size: part.width };
  const facts = await writeTrajectory([input], page, { ...call, pack, engine, crop });
  const html = await readFile(page, 'utf8');
  const images = await imagesOf(html);
  const { tensor: image } = await decodeImage(input);
  const restored = await restoreImage(image, { ...call, pack, engine });
  const result = bytes(cropped(restored.image, part));
  expect(bytes(images.get('input')!)).toEqual(bytes(enlargeNearest(image, 4, part)));
  expect(bytes(images.get('x_IR')!)).toEqual(bytes(cropped(restored.restored, part)));
  expect(bytes(images.get('result')!)).toEqual(result);
  expect(bytes(images.get('estimate, step 3')!)).toEqual(result);
  const shown = ['state', 'denoised', 'estimate'].flatMap((row) =>
    [1, 2, 3].map((step) => `${row}, step ${step}`),
  );
  expect([...images.keys()]).toEqual(['input', 'x_IR', 'result', ...shown]);
  expect(facts).toMatchObject({ width: 80, height: 64, nfe: 4, steps: 3, crop, seed: 5 });
  for (const { t, sigma, weights } of facts.shown) {
    expect(html).toContain(`t = ${t}, `);
    expect(html).toContain(`σ = ${sigma.toPrecision(3)}`);
    expect(html).toContain(`R G B ${weights!.colours!.map((w) => w.toFixed(2)).join(' ')}`);
  }
  expect(html).not.toMatch(/https?:|url\(|@import|<script/);
});

test('the result is that of the file restored, transparent images as well', async () => {
  const clear = await writeTestImage(join(folder, 'clear.png'), {
    ...{ width: 12, height: 10, channels: 4 },
  });
  const output = join(folder, 'restored.png');
  await restoreFile(clear, output, { ...call, pack, engine });
  const page = join(folder, 'clear.html');
  const crop = { left: 1, top: 2, size: 38 };
  await writeTrajectory([clear], page, { ...call, pack, engine, crop });
  const images = await imagesOf(await readFile(page, 'utf8'));
  const { tensor: restored } = await decodeImage(output);
  const expected = cropped(restored, { left: 1, top: 2, width: 38, height: 38 });
  expect(bytes(images.get('result')!)).toEqual(bytes(expected));
});

test('of many steps some are shown, the first and the last among them', async () => {
  const page = join(folder, 'many.html');
  const facts = await writeTrajectory([input], page, {
    ...call,
    steps: 20,
    shown: 4,
    pack,
    engine,
  });
  expect(facts.shown.map(({ number }) => number)).toEqual([1, 7, 14, 20]);
  expect(facts.crop).toEqual({ left: 8, top: 0, size: 64 });
  const html = await readFile(page, 'utf8');
  expect(html).toContain('16 of 20 steps are not shown.');
  expect([...(await imagesOf(html)).keys()]).toContain('estimate, step 20');
});

test('a square beyond the result and a page without a place are refused, and leave nothing', async () => {
  const crop = { left: 60, top: 0, size: 21 };
  const page = join(folder, 'none.html');
  const beyond = writeTrajectory([input], page, { ...call, pack, engine, crop });
  await expect(beyond).rejects.toThrow(ParameterError);
  const nowhere = writeTrajectory([input], join(folder, 'x', 'y.html'), { pack, engine });
  await expect(nowhere).rejects.toMatchObject({ kind: 'output' });
  const several = writeTrajectory([input, input], page, { pack, engine });
  await expect(several).rejects.toThrow('one image');
  const frames = writeTrajectory([input], page, { pack, engine, frames: 2 });
  await expect(frames).rejects.toThrow('only with a burst');
  expect(await readdir(folder)).not.toContain('none.html');
});
