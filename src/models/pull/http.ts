import { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { ModelError, systemCodeOf } from '../../utils/errors.js';

/** What is needed of a response of `fetch`. */
export interface FileResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: (AsyncIterable<Uint8Array> & { cancel?(): Promise<void> }) | null;
}

/** What is needed of `fetch`. */
export type Fetch = (
  address: string,
  init: {
    readonly headers: Record<string, string>;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<FileResponse>;

const MOST_REDIRECTS = 5;
const redirects = new Set([301, 302, 303, 307, 308]);
/** Failures of a name or of trust, which trying again does not mend. */
const lasting = /ENOTFOUND|CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY/;

/**
 * Asks for a file and follows redirects, never from an encrypted address to a plain one.
 * @throws ModelError where the answer cannot become another, Interruption where it can.
 */
export async function requestFile(
  fetch: Fetch,
  address: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<FileResponse> {
  let place = address;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const response = await answer(fetch, place, headers, signal);
    if (!redirects.has(response.status)) return response;
    await response.body?.cancel?.().catch(() => undefined);
    const target = response.headers.get('location');
    if (target === null || !URL.canParse(target, place))
      throw new ModelError(address, `is redirected to nowhere by ${place}`);
    const next = new URL(target, place);
    const encrypted = new URL(place).protocol === 'https:';
    if (next.protocol !== 'https:' && (encrypted || next.protocol !== 'http:'))
      throw new ModelError(address, `is redirected to ${next.href}, which is not encrypted`);
    place = next.href;
  }
  throw new ModelError(address, `is redirected more than ${MOST_REDIRECTS} times`);
}

async function answer(
  fetch: Fetch,
  address: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<FileResponse> {
  try {
    return await fetch(address, { headers, redirect: 'manual', signal });
  } catch (cause) {
    const reason = networkReason(cause);
    if (lasting.test(systemCodeOf(innermost(cause)) ?? ''))
      throw new ModelError(address, `cannot be reached: ${reason}`, { cause });
    throw new Interruption(`cannot be reached: ${reason}`, { cause });
  }
}

function innermost(error: unknown): unknown {
  let reason = error;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause;
  return reason;
}

/** The innermost reason of a failed `fetch`, whose own message says nothing. */
export function networkReason(error: unknown): string {
  const reason = innermost(error);
  if (!(reason instanceof Error)) return String(reason);
  const code = systemCodeOf(reason);
  if (reason.message === '') return code ?? reason.name;
  return code === undefined || reason.message.includes(code)
    ? reason.message
    : `${reason.message} (${code})`;
}

/** A client for the web, and how to be done with it. */
export interface WebClient {
  readonly fetch: Fetch;
  /** Ends all connections at once, also those that are only being made. */
  close(): Promise<void>;
}

/**
 * A client that goes through the proxies which HTTPS_PROXY, HTTP_PROXY and NO_PROXY name at the
 * time of the call. Silence is for the caller to bound.
 */
export async function webClient(): Promise<WebClient> {
  const { EnvHttpProxyAgent, Pool, buildConnector: connectorOf, fetch } = await import('undici');
  const sockets = new Set<Socket>();
  // A connection in the middle of a handshake outlives the agent that wanted it.
  const tracked =
    (connector: buildConnector.connector): buildConnector.connector =>
    (options, callback) => {
      const socket: unknown = connector(options, callback);
      if (!(socket instanceof Socket)) return;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    };
  const dispatcher = new EnvHttpProxyAgent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: tracked(connectorOf({})),
    clientFactory: (origin, options) => {
      const { connect } = options as { readonly connect: buildConnector.connector };
      return new Pool(origin, { ...options, connect: tracked(connect) });
    },
  });
  return {
    fetch: (address, init) => fetch(address, { ...init, dispatcher }),
    close: async () => {
      await dispatcher.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A failure that another attempt may not meet. */
export class Interruption extends Error {
  /** Milliseconds that the server asks to wait. */
  readonly wait: number | undefined;

  constructor(message: string, options: { readonly wait?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.wait = options.wait;
  }
}
