import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InputError, LimitError } from '../../tensor/errors.js';
import type { RawLimits } from '../frame.js';
import type { DecodedMosaic, DecodeReply, DecodeRequest } from './protocol.js';

/** Decodes camera files one after the other; its memory is given back when it is closed. */
export interface RawDecoder {
  /**
   * @param name of the file, for messages.
   * @param bytes are handed over where the array is all of its buffer.
   * @throws InputError for no RAW file, a damaged one or one without a Bayer mosaic; LimitError
   * beyond a limit.
   */
  decode(name: string, bytes: Uint8Array, limits: Required<RawLimits>): Promise<DecodedMosaic>;
  close(): Promise<void>;
}

/**
 * LibRaw in a thread of its own: decoding does not hold up the caller, a file on which it does not
 * end is given up, and one on which it fails costs the next a new thread.
 */
export function openRawDecoder(): RawDecoder {
  let thread: Worker | undefined;
  const end = async () => {
    const ended = thread;
    thread = undefined;
    await ended?.terminate();
  };
  return {
    async decode(name, bytes, limits) {
      thread ??= startThread();
      let reply: DecodeReply;
      try {
        reply = await ask(thread, { bytes, maxPixels: limits.maxPixels }, limits.maxMilliseconds);
      } catch (cause) {
        await end();
        if (cause instanceof Overdue)
          throw new LimitError(
            name,
            `decoding took longer than ${limits.maxMilliseconds} ms; raise maxMilliseconds to wait longer`,
          );
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw new InputError(name, `the decoder failed on this file (${detail})`, { cause });
      }
      if ('mosaic' in reply) return reply.mosaic;
      throw reply.refused === 'limit'
        ? new LimitError(name, reply.reason)
        : new InputError(name, reply.reason);
    },
    close: end,
  };
}

class Overdue extends Error {}

function ask(thread: Worker, request: DecodeRequest, milliseconds: number): Promise<DecodeReply> {
  return new Promise<DecodeReply>((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Overdue())), milliseconds);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      for (const event of ['message', 'error', 'exit']) thread.removeAllListeners(event);
      act();
    };
    thread.once('message', (reply: DecodeReply) => settle(() => resolve(reply)));
    thread.once('error', (error) => settle(() => reject(error)));
    thread.once('exit', (code) =>
      settle(() => reject(new Error(`its thread ended with code ${code}`))),
    );
    const { buffer } = request.bytes;
    const whole = buffer.byteLength === request.bytes.length;
    thread.postMessage(request, whole ? [buffer as ArrayBuffer] : []);
  });
}

/** The entry beside this file: built JavaScript as it is, TypeScript sources through tsx. */
function startThread(): Worker {
  if (import.meta.url.endsWith('.js'))
    return new Worker(new URL('./decoder-thread.js', import.meta.url));
  // Told by an option, tsx serves the main thread only.
  const root = createRequire(import.meta.url).resolve('tsx/package.json');
  const loader = new URL('./dist/esm/api/index.mjs', pathToFileURL(root)).href;
  const entry = new URL('./decoder-thread.ts', import.meta.url).href;
  const program = `import(${JSON.stringify(loader)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(entry)});
  });`;
  return new Worker(program, { eval: true, execArgv: [] });
}
