import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { decodeImage } from '../../images/decode.js';
import { writeImage } from '../../images/encode.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { tensor } from '../../tensor/tensor.js';
import { runProgram } from '../testing/run-program.js';

test('a photograph is restored by a pack and shown on a page', async () => {
  const folder = await temporaryFolder();
  const image = join(folder, 'photo.png');
  await writeImage(image, { tensor: tensor([3, 16, 16]), bitDepth: 8 });
  const pack = await tinyPack(await temporaryFolder());
  const output = join(folder, 'out');
  const options = ['-o', output, '--model', pack, '--steps', '2', '--seed', '5', '--json'];
  const { code, stdout, stderr } = await runProgram('main.ts', ['demo', image, ...options]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const report = JSON.parse(stdout) as {
    page: string;
    facts: Record<string, unknown>;
    versions: { name: string; file: string }[];
  };
  expect(report.page).toBe(join(output, 'index.html'));
  expect(report.facts).toMatchObject({
    pack: 'tiny',
    nfe: 3,
    seed: 5,
    device: { requested: 'cpu', effective: 'cpu' },
  });
  for (const { name, file } of report.versions) {
    const { tensor } = await decodeImage(file);
    expect(tensor.shape).toEqual(name === 'input' ? [3, 16, 16] : [3, 64, 64]);
  }
  expect(report.versions.map(({ name }) => name)).toEqual([
    'input',
    'bicubic',
    'restorer',
    'dp-ir',
  ]);
  expect(await readFile(report.page, 'utf8')).toContain('2 steps from tau 20');
});

test('without --json the device, the time and the page are told', async () => {
  const folder = await temporaryFolder();
  const image = join(folder, 'photo.png');
  await writeImage(image, { tensor: tensor([3, 16, 16]), bitDepth: 8 });
  const argv = [
    'demo',
    image,
    '-o',
    join(folder, 'out'),
    '--model',
    await tinyPack(await temporaryFolder()),
    '--quiet',
  ];
  const { code, stdout, stderr } = await runProgram('main.ts', argv);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^64x64 in \d+\.\d s on cpu \(\d+ threads\), tau 20, 3 steps/m);
  expect(stdout).toContain(`page: ${join(folder, 'out', 'index.html')}\n`);
});

test('a missing or damaged image exits with 1, a missing pack with 3, a bad option with 2', async () => {
  const folder = await temporaryFolder();
  const output = join(folder, 'out');
  const missing = await runProgram('main.ts', ['demo', join(folder, 'no.png'), '-o', output]);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('no.png: the file does not exist');

  const image = join(folder, 'photo.png');
  await writeFile(image, 'no image');
  expect((await runProgram('main.ts', ['demo', image, '-o', output])).code).toBe(1);

  await writeImage(image, { tensor: tensor([3, 16, 16]), bitDepth: 8 });
  const model = join(folder, 'nothing');
  const noPack = await runProgram('main.ts', ['demo', image, '-o', output, '--model', model]);
  expect(noPack.code).toBe(3);
  expect(noPack.stderr).toContain('nothing: is no pack');

  const usage = await runProgram('main.ts', ['demo', image, '--steps', 'many']);
  expect(usage.code).toBe(2);
  expect(usage.stderr).toContain('--steps');
  expect(await readdir(folder)).toEqual(['photo.png']);
});
