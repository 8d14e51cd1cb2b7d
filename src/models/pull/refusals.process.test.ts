import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { ModelError } from '../../utils/errors.js';
import { pullModel } from './pull-model.js';
import { entryOf, weights } from './testing/entries.js';
import { bytes, expectWhole, patience, pull } from './testing/pulls.js';
import { type Answer, say, send } from './testing/weights-server.js';

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
  [
    'a part that was not asked for',
    [say(206, { 'content-range': 'bytes 0-9/100000' }, 'x'.repeat(10))],
    /sends a part of the file \(status 206\), asked for the whole; gave up/,
  ],
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
  const folder = await temporaryFolder();
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

test.each([
  ['an error in JSON', '{"error":"rate limit"}', 'weights.pth', /is no checkpoint/],
  ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\n', 'w.pth', /Git LFS/],
  ['another form', 'PK\u0003\u0004', 'weights.safetensors', /a pytorch file, expected/],
  ['no ONNX', 'PK\u0003\u0004', 'weights.onnx', /no ONNX file/],
])(
  '%s is not taken for weights that nobody has published a hash of',
  async (_, body, file, why) => {
    const answer: Answer = (_request, response) => void response.writeHead(200).end(body);
    const unknown = { bytes: undefined, hashes: [], file } as never;
    const { error, files } = await pull([answer], unknown);
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).toMatch(why);
    expect(files).toEqual([]);
  },
);

test.each(['../weights.pth', 'a/b.pth', '/etc/weights.pth', '.hidden', ''])(
  'a model is not stored as %j',
  async (file) => {
    const { error, files } = await pull([send(bytes)], { file });
    expect(error).toMatchObject({ kind: 'usage', details: { subject: 'entry.file' } });
    expect(files).toEqual([]);
  },
);
