import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { corpus } from '../../../images/testing/corpus/corpus.js';
import { identityPack } from '../../../models/testing/identity-pack.js';
import { runCommands } from '../../testing/run-commands.js';
import { command } from './restore.js';

const folder = await temporaryFolder();
const pack = await identityPack(folder);

async function saved(name: string): Promise<string> {
  const path = join(folder, 'input');
  await writeFile(path, await corpus.find((image) => image.name === name)!.bytes());
  return path;
}

function restore(input: string, output: string, ...argv: string[]) {
  const asked = ['-i', input, '-o', output, '--model', pack, '--json'];
  return runCommands([command], ['restore', ...asked, ...argv]);
}

test('profile, EXIF and XMP are kept unless they are to be stripped', async () => {
  const input = await saved('orientation 6 in JPEG');
  const [kept, stripped] = [join(folder, 'kept.jpg'), join(folder, 'stripped.jpg')];
  expect((await restore(input, kept)).code).toBe(0);
  expect(await sharp(kept).metadata()).toMatchObject({
    ...{ width: 18, height: 31, hasProfile: true },
    ...{ exif: expect.anything(), xmp: expect.anything() },
  });
  const { code, stdout } = await restore(input, stripped, '--strip');
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { command: string }).command).toContain(' --strip');
  const { hasProfile, exif, xmp, orientation, width } = await sharp(stripped).metadata();
  expect([hasProfile, exif, xmp, orientation, width]).toEqual([
    ...[false, undefined, undefined, undefined],
    18,
  ]);
});

test('limits of what is read can be raised', async () => {
  const input = await saved('tiff: three pages');
  const output = join(folder, 'page.tif');
  const { code, stdout } = await restore(input, output);
  expect(code).toBe(4);
  expect((JSON.parse(stdout) as { error: { message: string } }).error.message).toContain(
    'holds 3 frames or pages, of which only the first is read, the limit is 1; raise --max-frames',
  );
  expect((await restore(input, output, '--max-frames', '3')).code).toBe(0);
  expect((await restore(input, output, '--max-input-pixels', '0')).code).toBe(2);
});
