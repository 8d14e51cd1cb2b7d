import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { watchImages } from './watch-inputs.js';

const folder = await temporaryFolder();

test('an image is given once it has stopped growing, again when it changes; then it ends', async () => {
  await writeFile(join(folder, 'there.png'), 'x');
  const end = new AbortController();
  const options = { signal: end.signal, interval: 10, settle: 300, recursive: true };
  const images = watchImages([folder], options);
  const next = async () => (await images.next()).value?.name;
  expect(await next()).toBe('there.png');

  await mkdir(join(folder, 'in'));
  const growing = join(folder, 'in', 'growing.png');
  let grown = 0;
  const timer = setInterval(() => {
    grown += 1;
    void appendFile(growing, 'x');
    if (grown === 20) clearInterval(timer);
  }, 30);
  expect(await next()).toBe('in/growing.png');
  expect(grown).toBe(20);

  await appendFile(growing, 'more');
  expect(await next()).toBe('in/growing.png');
  await rm(growing);
  const waiting = next();
  setTimeout(() => end.abort(), 50);
  expect(await waiting).toBeUndefined();
});
