import { link, open, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { temporaryFor } from '../../files/write-atomic.js';
import { CancelledError, ModelError, OutputError } from '../../utils/errors.js';
import { pullModel } from './pull-model.js';
import { entryOf, sha256, weights } from './testing/entries.js';
import { bytes, expectWhole, patience, pull } from './testing/pulls.js';
import { say, send, weightsServer } from './testing/weights-server.js';

test('a model is stored with a note of what it was', async () => {
  const steps: [number, number][] = [];
  const result = await pull([send(bytes)], {}, { onProgress: (...step) => steps.push(step) });
  await expectWhole(result);
  expect(result.model).toMatchObject({ how: 'downloaded', checked: ['sha256'], bytes: 100_000 });
  expect(steps.at(-1)).toEqual([100_000, 100_000]);
  const note = JSON.parse(await readFile(join(result.folder, 'weights.pth.json'), 'utf8'));
  expect(note).toMatchObject({ name: 'made-up', licence: 'MIT', sha256: sha256(bytes) });
});

test('a model that is stored already is not fetched again', async () => {
  const { folder } = await pull([send(bytes)]);
  const again = await pull([send(bytes)], {}, { folder });
  expect(again.model?.how).toBe('present');
  expect(again.ranges).toEqual([]);
});

test('a stored model that is damaged is fetched again, and it is said', async () => {
  const { folder } = await pull([send(bytes)]);
  await writeFile(join(folder, 'weights.pth'), weights(99_999));
  const troubles: string[] = [];
  const result = await pull(
    [send(bytes)],
    {},
    { folder, onTrouble: ({ message }) => troubles.push(message) },
  );
  await expectWhole(result);
  expect(troubles.join()).toContain('has 99999 bytes, expected 100000');
});

test('the next address is tried where one fails for good', async () => {
  const [bad, good] = [await weightsServer(say(404)), await weightsServer(send(bytes))];
  const folder = await temporaryFolder();
  const troubles: string[] = [];
  try {
    const entry = entryOf(bytes, [bad.address, good.address]);
    await pullModel(entry, {
      folder,
      patience,
      onTrouble: ({ message }) => troubles.push(message),
    });
  } finally {
    await bad.close();
    await good.close();
  }
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain('answers 404');
});

test('a cancelled pull stops, whatever its server does, and the next one goes on', async () => {
  const folder = await temporaryFolder();
  const server = await weightsServer(send(bytes, { until: 40_000, fault: 'stall' }), send(bytes));
  const cancel = new AbortController();
  const entry = entryOf(bytes, [server.address]);
  try {
    const slow = { ...patience, stall: 60_000 };
    const onProgress = (done: number): void => {
      if (done < 40_000) return;
      cancel.abort();
    };
    const stopped = pullModel(entry, { folder, patience: slow, signal: cancel.signal, onProgress });
    await expect(stopped).rejects.toThrow(CancelledError);
    expect((await stat(join(folder, 'weights.pth.partial'))).size).toBe(40_000);
    await pullModel(entry, { folder, patience });
    expect(server.ranges).toEqual([undefined, 'bytes=40000-']);
  } finally {
    await server.close();
  }
});

test('a full disk is said, and the store stays clean', async () => {
  const folder = await temporaryFolder();
  const any = await open(join(folder, 'any'), 'w');
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const writes = vi.spyOn(Object.getPrototypeOf(any), 'write').mockRejectedValue(full);
  const { error, files } = await pull([send(bytes)], {}, { folder });
  writes.mockRestore();
  await any.close();
  expect(error).toBeInstanceOf(OutputError);
  expect(String(error)).toContain('the disk is full');
  expect(files).not.toContain('weights.pth');
  expect(files).not.toContain('weights.pth.lock');
});

test.each([
  'weights.pth.lock',
  'weights.pth.partial',
  'weights.pth.partial.json',
  'weights.pth.json',
])('%s is never written through a link that somebody has planted', async (name) => {
  for (const plant of [symlink, link]) {
    const folder = await temporaryFolder();
    const target = join(await temporaryFolder(), 'target');
    await writeFile(target, 'theirs');
    await plant(target, join(folder, name));
    await expectWhole(await pull([send(bytes)], {}, { folder }));
    expect(await readFile(target, 'utf8')).toBe('theirs');
  }
});

test('a copied model is never written through a link that somebody has planted', async () => {
  const folder = await temporaryFolder();
  const target = join(await temporaryFolder(), 'target');
  await writeFile(target, 'theirs');
  await symlink(target, join(folder, 'weights.pth.copy'));
  const from = join(await temporaryFolder(), 'from.pth');
  await writeFile(from, bytes);
  await expectWhole(await pull([], {}, { folder, from }));
  expect(await readFile(target, 'utf8')).toBe('theirs');
});

test('a model that only people can fetch says where it is', async () => {
  const { error } = await pull([send(bytes)], { manual: true, addresses: [] });
  expect(error).toBeInstanceOf(ModelError);
  expect(String(error)).toContain('https://example.com/weights');
  expect(String(error)).toContain('--from');
});

test('what a killed process left of its notes is removed', async () => {
  const folder = await temporaryFolder();
  for (const name of ['weights.pth.json', 'weights.pth.partial.json', 'weights.pth.lock'])
    await writeFile(temporaryFor(join(folder, name)), '{');
  await expectWhole(await pull([send(bytes)], {}, { folder }));
});
