import { ModelError } from '../../tensor/errors.js';
import type { CatalogueEntry } from '../../weights/catalogue/catalogue.js';
import { Interruption } from './interruption.js';
import type { PartialFile } from './partial-file.js';
import type { FileResponse } from './request.js';

const transient = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Reads the head of an answer and makes the partial file end where its body goes on: at its own
 * end where the server sends the rest, at nothing where it sends the whole.
 * @param asked what of the file the request was for.
 * @returns the size of the whole, where it is known, or `complete` where there is nothing more.
 * @throws ModelError where the answer is no file of this size, Interruption where another attempt
 * may be answered otherwise.
 */
export async function beginBody(
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
