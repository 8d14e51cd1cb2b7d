import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError, ModelError } from '../../tensor/errors.js';
import type { CatalogueEntry } from '../../weights/catalogue/catalogue.js';
import { beginBody } from './answer-head.js';
import { isWebPage } from './check-file.js';
import { requireSpace } from './free-space.js';
import { Interruption } from './interruption.js';
import type { PartialFile } from './partial-file.js';
import { type Fetch, type FileResponse, networkReason, requestFile } from './request.js';
import { StallGuard } from './stall-guard.js';

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
