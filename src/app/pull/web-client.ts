import type { Fetch } from './request.js';

/** A client for the web, and how to be done with it. */
export interface WebClient {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/**
 * A client that goes through the proxies which HTTPS_PROXY, HTTP_PROXY and NO_PROXY name at the
 * time of the call. Silence is for the caller to bound.
 */
export async function webClient(): Promise<WebClient> {
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: 0 });
  return {
    fetch: (address, init) => fetch(address, { ...init, dispatcher }),
    close: () => dispatcher.destroy(),
  };
}
