import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError, ModelError } from '../../utils/errors.js';
import type { CatalogueEntry } from '../../weights/catalogue/catalogue.js';
import { isWebPage } from './check-file.js';
import { type Fetch, type FileResponse, Interruption, networkReason, requestFile } from './http.js';
import { type PartialFile, requireSpace } from './partial-file.js';

/** How patient a download is, in milliseconds. */
export interface Patience {
  /** Longest silence of a server. */
  readonly stall: number;
  /** Wait before the second attempt; each further wait is twice as long. */
  readonly backoff: number;
  /** Longest wait between attempts. */
  readonly longestWait: number;
  /** Attempts in a row that bring nothing new. */
  readonly attempts: number;
}

export const defaultPatience: Patience = {
  stall: 30_000,
  backoff: 500,
  longestWait: 30_000,
  attempts: 5,
};

export interface DownloadTools {
  readonly fetch: Fetch;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Bytes that are there, of how many; 0 of a total that is not known. */
  readonly onProgress: (done: number, total: number) => void;
}

/** No file of weights is as large; a server that sends more is not sending one. */
const LARGEST = 2 ** 34;

/**
 * Fetches the rest of a file from one address, over as many connections as it takes. A server that
 * cannot send a part, or whose file has changed, sends the whole.
 * @throws ModelError where the address does not give the file, OutputError where it cannot be
 * written, CancelledError.
 */
export async function download(
  address: string,
  expected: Pick<CatalogueEntry, 'bytes'>,
  partial: PartialFile,
  tools: DownloadTools,
): Promise<void> {
  const { patience, signal } = tools;
  let farthest = partial.length;
  for (let failures = 1; ; failures += 1) {
    try {
      if (signal.aborted) throw new CancelledError(`pulling ${address}`);
      await attempt(address, expected, partial, tools);
      return;
    } catch (error) {
      if (signal.aborted) throw new CancelledError(`pulling ${address}`);
      if (!(error instanceof Interruption)) throw error;
      if (partial.length > farthest) failures = 1;
      farthest = Math.max(farthest, partial.length);
      if (failures >= patience.attempts)
        throw new ModelError(address, `${error.message}; gave up after ${failures} attempts`, {
          cause: error,
        });
      const wait = error.wait ?? patience.backoff * 2 ** (failures - 1);
      await delay(Math.min(wait, patience.longestWait), undefined, { signal }).catch(() => {
        throw new CancelledError(`pulling ${address}`);
      });
    }
  }
}

async function attempt(
  address: string,
  expected: Pick<CatalogueEntry, 'bytes'>,
  partial: PartialFile,
  tools: DownloadTools,
): Promise<void> {
  const guard = new StallGuard(tools.patience.stall, tools.signal);
  try {
    const validator = partial.validatorAt(address);
    const headers: Record<string, string> = {
      'user-agent': 'dp-ir',
      'accept-encoding': 'identity',
      ...(validator === undefined
        ? {}
        : { range: `bytes=${partial.length}-`, 'if-range': validator }),
    };
    const response = await requestFile(tools.fetch, address, headers, guard.signal);
    const asked = validator === undefined ? 'whole' : 'rest';
    const total = await beginBody(address, response, expected, partial, asked);
    if (total === 'complete') return;
    if (total !== undefined) await requireSpace(partial.path, total - partial.length);
    await receive(address, response, total, partial, tools, guard);
  } catch (error) {
    if (guard.stalled) throw new Interruption(`sent nothing for ${tools.patience.stall / 1000} s`);
    throw error;
  } finally {
    guard.stop();
    await partial.close();
  }
}

async function receive(
  address: string,
  { body }: FileResponse,
  total: number | undefined,
  partial: PartialFile,
  { onProgress }: DownloadTools,
  guard: StallGuard,
): Promise<void> {
  const most = total ?? LARGEST;
  onProgress(partial.length, total ?? 0);
  for await (const chunk of chunksOf(body)) {
    guard.beat();
    if (partial.length === 0 && isWebPage(chunk))
      throw new ModelError(address, 'answers with a web page, not with a file of weights');
    if (partial.length + chunk.length > most) {
      await partial.discard();
      throw new ModelError(address, `sends more than ${most} bytes`);
    }
    await partial.append(chunk);
    onProgress(partial.length, total ?? 0);
  }
  if (total !== undefined && partial.length < total)
    throw new Interruption(`ended after ${partial.length} of ${total} bytes`);
}

async function* chunksOf(body: FileResponse['body']): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (cause) {
    throw new Interruption(`broke off: ${networkReason(cause)}`, { cause });
  }
}

const transient = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Reads the head of an answer and makes the partial file end where its body goes on: at its own
 * end where the server sends the rest, at nothing where it sends the whole.
 * @param asked what of the file the request was for.
 * @returns the size of the whole, where it is known, or `complete` where there is nothing more.
 * @throws ModelError where the answer is no file of this size, Interruption where another attempt
 * may be answered otherwise.
 */
async function beginBody(
  address: string,
  { status, headers, body }: FileResponse,
  expected: Pick<CatalogueEntry, 'bytes'>,
  partial: PartialFile,
  asked: 'whole' | 'rest',
): Promise<number | undefined | 'complete'> {
  const refuse = async (): Promise<void> => {
    await body?.cancel?.().catch(() => undefined);
  };
  const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  if (status === 416) {
    await refuse();
    if (partial.length > 0 && range?.[3] === String(partial.length)) return 'complete';
    await partial.discard();
    throw new Interruption('cannot send the rest');
  }
  if (transient.has(status)) {
    await refuse();
    throw new Interruption(`answers ${status}`, waitAsked(headers.get('retry-after')));
  }
  if (status !== 200 && status !== 206) {
    await refuse();
    throw new ModelError(address, `answers ${status}`, { received: `status ${status}` });
  }
  if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    await refuse();
    throw new ModelError(address, 'answers with a web page, not with a file of weights');
  }
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    await refuse();
    throw new ModelError(address, `sends the file compressed (${encoding}), though asked not to`);
  }
  const total = totalOf(status, headers, range?.[3]);
  if (expected.bytes !== undefined && total !== undefined && total !== expected.bytes) {
    await refuse();
    throw new ModelError(address, `offers a file of ${total} bytes`, {
      expected: `${expected.bytes} bytes`,
      received: `${total} bytes`,
    });
  }
  if (status === 206 && asked === 'whole') {
    await refuse();
    throw new Interruption('sends a part of the file (status 206), asked for the whole');
  }
  if (status === 206 && Number(range?.[1]) === partial.length) return total ?? expected.bytes;
  if (status === 206) {
    await refuse();
    await partial.discard();
    throw new Interruption('sends another part than the one asked for');
  }
  await partial.restart(address, validatorOf(headers));
  return total ?? expected.bytes;
}

function totalOf(
  status: number,
  headers: FileResponse['headers'],
  ofRange: string | undefined,
): number | undefined {
  const text = status === 206 ? ofRange : headers.get('content-length');
  return text != null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** What `If-Range` may carry: a strong ETag, or a date. */
function validatorOf(headers: FileResponse['headers']): string | undefined {
  const tag = headers.get('etag');
  if (tag !== null && !tag.startsWith('W/')) return tag;
  return headers.get('last-modified') ?? undefined;
}

function waitAsked(retryAfter: string | null): { wait?: number } {
  if (retryAfter === null) return {};
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? { wait: Math.max(0, seconds * 1000) } : {};
}

/** Aborts `signal` where nothing has happened for a while, or where the caller's signal does. */
class StallGuard {
  readonly signal: AbortSignal;
  readonly #milliseconds: number;
  readonly #stalled = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, signal: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.signal = AbortSignal.any([signal, this.#stalled.signal]);
    this.beat();
  }

  get stalled(): boolean {
    return this.#stalled.signal.aborted;
  }

  /** Something happened. */
  beat(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stalled.abort(), this.#milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
