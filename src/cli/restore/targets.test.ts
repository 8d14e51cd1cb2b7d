import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { targetsOf } from './targets.js';

const folder = await mkdtemp(join(tmpdir(), 'dp-ir-targets-'));
afterAll(() => rm(folder, { recursive: true }));

test('one picture goes into a file', async () => {
  const output = join(folder, 'out.tiff');
  expect(await targetsOf(['a/in.png'], output)).toEqual([{ input: 'a/in.png', output }]);
});

test('in a folder results keep name and format, or become PNG', async () => {
  const targets = await targetsOf(['a/x.jpg', 'b/y.TIF', 'z.avif', 'w', 'v.webp'], folder);
  expect(targets.map(({ output }) => output)).toEqual(
    ['x.jpg', 'y.TIF', 'z.png', 'w.png', 'v.webp'].map((name) => join(folder, name)),
  );
});

test('several pictures need a folder that exists', async () => {
  const call = targetsOf(['a.png', 'b.png'], join(folder, 'none'));
  await expect(call).rejects.toThrow(ParameterError);
  await expect(call).rejects.toThrow('--output: expected an existing folder');
});

test('two results of one name are refused', async () => {
  await expect(targetsOf(['a/x.avif', 'b/x.png'], folder)).rejects.toThrow('Two results would be');
});

test('a result never replaces its input, by whatever name', async () => {
  const input = join(folder, 'in.png');
  await writeFile(input, '');
  await symlink(input, join(folder, 'link.png'));
  for (const output of [
    input,
    folder,
    join(folder, 'link.png'),
    join(folder, '..', folder.split('/').at(-1)!, 'in.png'),
  ])
    await expect(targetsOf([input], output)).rejects.toThrow('another file than the input');
});
