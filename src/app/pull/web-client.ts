import { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { Fetch } from './request.js';

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
