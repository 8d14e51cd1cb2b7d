import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { ParameterError } from '../../../utils/errors.js';
import { targetsOf } from './restore-targets.js';

const folder = await temporaryFolder();

test('one image goes into a file', async () => {
  const output = join(folder, 'out.tiff');
  expect(await targetsOf(['a/in.png'], output)).toEqual({
    targets: [{ input: 'a/in.png', output }],
    folder: undefined,
  });
});

test.each(['*.png', 'a?b.png'])('an image really called %s goes into a file', async (name) => {
  const [input, output] = [join(folder, name), join(folder, 'out.png')];
  await writeFile(input, '');
  expect(await targetsOf([input], output)).toEqual({
    targets: [{ input, output }],
    folder: undefined,
  });
  await rm(input);
  await expect(targetsOf([input], output)).rejects.toThrow('--output');
});

test('in a folder results keep name and format, or become PNG', async () => {
  const { targets } = await targetsOf(['a/x.jpg', 'b/y.TIF', 'z.avif', 'w', 'v.webp'], folder);
  expect(targets.map(({ output }) => output)).toEqual(
    ['x.jpg', 'y.TIF', 'z.png', 'w.png', 'v.webp'].map((name) => join(folder, name)),
  );
});

test('several images need a folder that exists', async () => {
  const call = targetsOf(['a.png', 'b.png'], join(folder, 'none.png'));
  await expect(call).rejects.toThrow(ParameterError);
  await expect(call).rejects.toThrow('--output: expected an existing folder');
});

test('a folder that is not there yet is named without an extension, or with a slash', async () => {
  const [named, slashed] = [join(folder, 'none'), `${join(folder, 'n.one')}/`];
  const { targets } = await targetsOf(['a.png', 'b.png'], named);
  expect(targets.map(({ output }) => output)).toEqual([join(named, 'a.png'), join(named, 'b.png')]);
  expect((await targetsOf(['a.png'], slashed)).folder).toBe(slashed);
});

test('files of samples count as well', async () => {
  const samples = { samples: 2 };
  await expect(targetsOf(['a/x.png', 'b/x-s1.png'], folder, samples)).resolves.toMatchObject({});
  const mean = targetsOf(['a/x.png', 'b/x-uncertainty.png'], folder, { mean: 2 });
  await expect(mean).rejects.toThrow('Two results would be');
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
