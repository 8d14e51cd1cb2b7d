import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  /** Drops the connection as soon as the client has this many bytes of the file. */
  dropAt: (bytes: number) => void,
) => void;

/** A web server that answers each request by the next of its answers, and the last one for ever. */
export interface WeightsServer {
  readonly address: string;
  /** The `Range` header of each request so far; undefined where there was none. */
  readonly ranges: (string | undefined)[];
  /** Tells how many bytes of the file the client has, for connections that drop then. */
  readonly received: (bytes: number) => void;
  close(): Promise<void>;
}

export async function weightsServer(...answers: Answer[]): Promise<WeightsServer> {
  const ranges: (string | undefined)[] = [];
  const drops: { readonly bytes: number; readonly response: ServerResponse }[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(ranges.length, answers.length - 1)]!;
    ranges.push(request.headers.range);
    answer(request, response, (bytes) => {
      if (bytes === 0) response.destroy();
      else drops.push({ bytes, response });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/weights.pth`,
    ranges,
    received: (received) => {
      for (const { bytes, response } of drops) if (received >= bytes) response.destroy();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Sending {
  /** Bytes of the body after which something goes wrong. */
  readonly until?: number;
  readonly etag?: string;
  /** What happens then: the connection drops, or nothing more comes. */
  readonly fault?: 'drop' | 'stall';
}

/** Sends a file as a good server does, the asked part of it where the validator still holds. */
export function send(
  bytes: Uint8Array,
  { until, fault = 'drop', etag = '"1"' }: Sending = {},
): Answer {
  return ({ headers }, response, dropAt) => {
    const asked = /^bytes=(\d+)-$/.exec(headers.range ?? '');
    const partial = asked !== null && headers['if-range'] === etag;
    const start = partial ? Number(asked[1]) : 0;
    if (start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(partial ? 206 : 200, {
      etag,
      'content-length': bytes.length - start,
      'content-type': 'application/octet-stream',
      ...(partial ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (until === undefined || until >= bytes.length) {
      response.end(bytes.subarray(start));
      return;
    }
    response.write(bytes.subarray(start, Math.max(start, until)));
    if (fault === 'drop') dropAt(until);
  };
}

/** Answers with a status and headers, and with text where there is some. */
export function say(status: number, headers: Record<string, string> = {}, text = ''): Answer {
  return (_request, response) => void response.writeHead(status, headers).end(text);
}
