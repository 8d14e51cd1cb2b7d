import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { CancelledError } from '../../utils/errors.js';
import { pullModel } from './pull-model.js';
import { entryOf, weights } from './testing/entries.js';
import { send, weightsServer } from './testing/weights-server.js';

const folder = await temporaryFolder();
const bytes = weights(5000);
const origin = await weightsServer(send(bytes));

/** A proxy that opens tunnels, and the places that it was asked for. */
const asked: string[] = [];
const proxy = createServer().on('connect', (request, socket, head) => {
  asked.push(request.url!);
  const [host, port] = request.url!.split(':');
  const onward = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.write(head);
    onward.pipe(socket).pipe(onward);
  });
  for (const end of [socket, onward]) end.on('error', () => undefined);
});
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
const proxyAddress = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

afterEach(() => {
  vi.unstubAllEnvs();
  asked.length = 0;
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await origin.close();
});

function stubProxy(noProxy: string): void {
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'])
    vi.stubEnv(name, proxyAddress);
  for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, noProxy);
}

test('a pull goes through the proxy that the surroundings name', async () => {
  stubProxy('');
  const entry = entryOf(bytes, [origin.address]);
  const { how } = await pullModel(entry, { folder: join(folder, 'through') });
  expect(how).toBe('downloaded');
  expect(asked).toEqual([new URL(origin.address).host]);
});

test('a pull goes past the proxy where the surroundings say so', async () => {
  stubProxy('localhost,127.0.0.1');
  const entry = entryOf(bytes, [origin.address]);
  const { how } = await pullModel(entry, { folder: join(folder, 'past') });
  expect(how).toBe('downloaded');
  expect(asked).toEqual([]);
});

test('a cancelled pull leaves no connection behind, not even one in its handshake', async () => {
  const silent = createServer();
  const tunnel = new Promise<Duplex>((resolve) => {
    silent.on('connect', (_, socket) => {
      socket.on('error', () => undefined).write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.once('data', () => resolve(socket)).once('end', () => socket.end());
    });
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  for (const name of ['HTTPS_PROXY', 'https_proxy'])
    vi.stubEnv(name, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const cancel = new AbortController();
  const entry = entryOf(bytes, ['https://example.com/weights.pth']);
  const pulling = pullModel(entry, { folder: join(folder, 'cancelled'), signal: cancel.signal });
  const socket = await tunnel;
  const closed = once(socket, 'close');
  cancel.abort();
  await expect(pulling).rejects.toThrow(CancelledError);
  await closed;
  silent.close();
});
