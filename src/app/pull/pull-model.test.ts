import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CancelledError, ModelError, OutputError } from '../../tensor/errors.js';
import { type PullOptions, pullModel } from './pull-model.js';
import { entryOf, sha256, weights } from './testing/entries.js';
import { type Answer, say, send, weightsServer } from './testing/weights-server.js';

const parent = await mkdtemp(join(tmpdir(), 'dp-ir-pull-'));
afterAll(() => rm(parent, { recursive: true }));

const bytes = weights();
const patience = { stall: 150, backoff: 1, longestWait: 20, attempts: 3 };

async function pull(
  answers: Answer[],
  change: Parameters<typeof entryOf>[2] = {},
  options: Partial<PullOptions> = {},
) {
  const server = await weightsServer(...answers);
  const folder = options.folder ?? (await mkdtemp(join(parent, 'store-')));
  try {
    const entry = entryOf(bytes, [server.address], change);
    const onProgress = (done: number, total: number): void => {
      options.onProgress?.(done, total);
      server.received(done);
    };
    const outcome = await pullModel(entry, { patience, ...options, folder, onProgress }).then(
      (model) => ({ model, error: undefined }),
      (error: unknown) => ({ model: undefined, error }),
    );
    return { ...outcome, folder, ranges: server.ranges, files: (await readdir(folder)).sort() };
  } finally {
    await server.close();
  }
}

const whole = ['weights.pth', 'weights.pth.json'];

async function expectWhole(result: Awaited<ReturnType<typeof pull>>): Promise<void> {
  expect(result.error).toBeUndefined();
  expect(result.files).toEqual(whole);
  expect((await readFile(join(result.folder, 'weights.pth'))).equals(bytes)).toBe(true);
}

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
  const result = await pull([send(bytes, { until: 40_000, fault: 'stall' }), send(bytes)]);
  await expectWhole(result);
  expect(result.ranges).toEqual([undefined, 'bytes=40000-']);
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
  const folder = await mkdtemp(join(parent, 'store-'));
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

test.each([500, 429, 408])('status %i is tried again', async (status) => {
  await expectWhole(await pull([say(status), say(status, { 'retry-after': '0' }), send(bytes)]));
});

test.each<[string, Answer[], RegExp]>([
  ['a file that is not there', [say(404)], /answers 404/],
  ['a web page', [say(200, { 'content-type': 'text/html; charset=utf-8' }, 'x')], /a web page/],
  [
    'a web page that says it is a file',
    [say(200, { 'content-type': 'application/octet-stream' }, '\n <!DOCTYPE html><html></html>')],
    /offers a file of 30 bytes|web page/,
  ],
  ['a file of another size', [send(weights(99_000))], /offers a file of 99000 bytes/],
  ['a corrupt file', [send(weights().reverse())], /is not the file that was published/],
  [
    'redirects without end',
    [say(302, { location: '/weights.pth' })],
    /redirected more than 5 times/,
  ],
  ['a redirect to nowhere', [say(302)], /redirected to nowhere/],
  ['a redirect to another kind of address', [say(302, { location: 'ftp://x/y' })], /not encrypted/],
  ['a compressed answer', [say(200, { 'content-encoding': 'x-none' }, 'x')], /compressed/],
  ['a server that always drops', [send(bytes, { until: 0 })], /gave up after 3 attempts/],
])('%s is refused and leaves no file', async (_, answers, message) => {
  const { error, files } = await pull(answers);
  expect(error).toBeInstanceOf(ModelError);
  expect(String(error)).toMatch(message);
  expect(files.filter((name) => !name.includes('.partial'))).toEqual([]);
});

test('a web page of unknown size is told by its first bytes', async () => {
  const page: Answer = (_, response) => void response.writeHead(200).end('<html>sign in</html>');
  const { error } = await pull([page], { bytes: undefined, hashes: [] } as never);
  expect(String(error)).toContain('a web page');
});

test('a body that ends early without saying so is not taken for the whole', async () => {
  const short: Answer = (_, response) => {
    response.writeHead(200, { etag: '"1"', connection: 'close' });
    response.end(bytes.subarray(0, 60_000));
  };
  const result = await pull([short, send(bytes)]);
  await expectWhole(result);
  expect(result.ranges).toEqual([undefined, 'bytes=60000-']);
});

test('a server that sends more than the file is stopped', async () => {
  const endless: Answer = (_, response) => {
    response.writeHead(200);
    response.write(bytes);
    response.end(bytes);
  };
  const { error, files } = await pull([endless]);
  expect(String(error)).toContain('sends more than 100000 bytes');
  expect(files).toEqual([]);
});

test('redirects are followed', async () => {
  await expectWhole(
    await pull([say(302, { location: '/a' }), say(307, { location: 'b' }), send(bytes)]),
  );
});

test('an encrypted address is not followed to a plain one', async () => {
  const folder = await mkdtemp(join(parent, 'store-'));
  const asked: string[] = [];
  const entry = entryOf(bytes, ['https://example.com/weights.pth']);
  const result = pullModel(entry, {
    folder,
    patience,
    fetch: async (address) => {
      asked.push(address);
      return new Response(null, { status: 302, headers: { location: 'http://example.com/w' } });
    },
  });
  await expect(result).rejects.toThrow(
    'is redirected to http://example.com/w, which is not encrypted',
  );
  expect(asked).toEqual(['https://example.com/weights.pth']);
});

test('the next address is tried where one fails for good', async () => {
  const [bad, good] = [await weightsServer(say(404)), await weightsServer(send(bytes))];
  const folder = await mkdtemp(join(parent, 'store-'));
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

test('a cancelled pull stops within a second, and the next one goes on', async () => {
  const folder = await mkdtemp(join(parent, 'store-'));
  const server = await weightsServer(send(bytes, { until: 40_000, fault: 'stall' }), send(bytes));
  const cancel = new AbortController();
  const entry = entryOf(bytes, [server.address]);
  try {
    const slow = { ...patience, stall: 60_000 };
    let asked = 0;
    const onProgress = (done: number): void => {
      if (done < 40_000) return;
      asked = performance.now();
      cancel.abort();
    };
    const stopped = pullModel(entry, { folder, patience: slow, signal: cancel.signal, onProgress });
    await expect(stopped).rejects.toThrow(CancelledError);
    expect(performance.now() - asked).toBeLessThan(1000);
    expect((await stat(join(folder, 'weights.pth.partial'))).size).toBe(40_000);
    await pullModel(entry, { folder, patience });
    expect(server.ranges).toEqual([undefined, 'bytes=40000-']);
  } finally {
    await server.close();
  }
});

test.runIf(process.platform === 'linux')(
  'a full disk is said, and the store stays clean',
  async () => {
    const folder = await mkdtemp(join(parent, 'store-'));
    await symlink('/dev/full', join(folder, 'weights.pth.partial'));
    const { error, files } = await pull([send(bytes)], {}, { folder });
    expect(error).toBeInstanceOf(OutputError);
    expect(String(error)).toContain('the disk is full');
    expect(files).not.toContain('weights.pth');
    expect(files).not.toContain('weights.pth.lock');
  },
);

test('a model that only people can fetch says where it is', async () => {
  const { error } = await pull([send(bytes)], { manual: true, addresses: [] });
  expect(error).toBeInstanceOf(ModelError);
  expect(String(error)).toContain('https://example.com/weights');
  expect(String(error)).toContain('--from');
});
