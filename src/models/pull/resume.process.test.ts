import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { ModelError } from '../../utils/errors.js';
import { pullModel } from './pull-model.js';
import { entryOf, weights } from './testing/entries.js';
import { bytes, expectWhole, patience, pull, whole } from './testing/pulls.js';
import { type Answer, say, send, weightsServer } from './testing/weights-server.js';

test('a download goes on where the connection dropped', async () => {
  const result = await pull([
    send(bytes, { until: 40_000 }),
    send(bytes, { until: 70_000 }),
    send(bytes),
  ]);
  await expectWhole(result);
  expect(result.ranges).toEqual([undefined, 'bytes=40000-', 'bytes=70000-']);
});

test('a download goes on where the server fell silent', async () => {
  // On a busy machine a good server may be taken for a silent one, which it survives as well.
  const short = { ...patience, stall: 300, attempts: 1000 };
  const silent = send(bytes, { until: 40_000, fault: 'stall' });
  const result = await pull([silent, send(bytes)], {}, { patience: short });
  await expectWhole(result);
  expect(result.ranges.length).toBeGreaterThan(1);
});

test('a download begins anew where the server cannot send a part', async () => {
  const all: Answer = (_, response) => void response.writeHead(200).end(bytes);
  await expectWhole(await pull([send(bytes, { until: 40_000 }), all]));
});

test('a download begins anew where the file has changed meanwhile', async () => {
  const older = send(weights().reverse(), { until: 40_000, etag: '"0"' });
  const result = await pull([older, send(bytes)]);
  await expectWhole(result);
  expect(result.ranges).toEqual([undefined, 'bytes=40000-']);
});

test('without a validator nothing is continued', async () => {
  const cut: Answer = (_, response, dropAt) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 40_000));
    dropAt(40_000);
  };
  const result = await pull([cut, send(bytes)]);
  await expectWhole(result);
  expect(result.ranges).toEqual([undefined, undefined]);
});

test('a later call goes on where an earlier one gave up', async () => {
  const first = await pull([send(bytes, { until: 40_000 }), say(503)]);
  expect(first.error).toBeInstanceOf(ModelError);
  expect(String(first.error)).toContain('answers 503; gave up after 3 attempts');
  expect(first.files).toEqual(['weights.pth.partial', 'weights.pth.partial.json']);
  const origin = join(first.folder, 'weights.pth.partial.json');
  const second = await weightsServer(send(bytes));
  await writeFile(origin, JSON.stringify({ address: second.address, validator: '"1"' }));
  try {
    await pullModel(entryOf(bytes, [second.address]), { folder: first.folder, patience });
    expect(second.ranges).toEqual(['bytes=40000-']);
  } finally {
    await second.close();
  }
  expect((await readFile(join(first.folder, 'weights.pth'))).equals(bytes)).toBe(true);
});

/** Pulls where an earlier call left the start of the file, and tells what was asked for. */
async function pullOnto(start: Uint8Array): Promise<(string | undefined)[]> {
  const folder = await temporaryFolder();
  const server = await weightsServer(send(bytes));
  await writeFile(join(folder, 'weights.pth.partial'), start);
  await writeFile(
    join(folder, 'weights.pth.partial.json'),
    JSON.stringify({ address: server.address, validator: '"1"' }),
  );
  try {
    await pullModel(entryOf(bytes, [server.address]), { folder, patience });
  } finally {
    await server.close();
  }
  expect((await readdir(folder)).sort()).toEqual(whole);
  expect((await readFile(join(folder, 'weights.pth'))).equals(bytes)).toBe(true);
  return server.ranges;
}

test('a start that was damaged on the disk is fetched anew', async () => {
  expect(await pullOnto(weights(40_000).reverse())).toEqual(['bytes=40000-', undefined]);
});

test('a file that was whole but not checked yet is not fetched again', async () => {
  expect(await pullOnto(bytes)).toEqual(['bytes=100000-']);
});

test('a start that is longer than the file is thrown away', async () => {
  expect(await pullOnto(weights(120_000))).toEqual(['bytes=120000-', undefined]);
});
