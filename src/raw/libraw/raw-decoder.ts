import type { Worker } from 'node:worker_threads';
import { startThread } from '../../engine/source-modules.js';
import { InputError, LimitError } from '../../utils/errors.js';
import type { MosaicWindow, Orientation, RawLimits } from '../frame.js';

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
      thread ??= startThread(new URL('./decoder-thread.js', import.meta.url));
      let reply: DecodeReply;
      try {
        reply = await ask(thread, { bytes, maxPixels: limits.maxPixels }, limits.maxMilliseconds);
      } catch (cause) {
        await end();
        if (cause instanceof Overdue)
          throw new LimitError(
            name,
            `decoding took longer than ${limits.maxMilliseconds} ms; raise \`limits.maxMilliseconds\` to wait longer`,
            { code: 'time-limit' },
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

/** A file for the decoder's thread. */
export interface DecodeRequest {
  readonly bytes: Uint8Array;
  readonly maxPixels: number;
}

/** The exposed part of a sensor as the decoder gives it; its samples are those of the whole sensor. */
export interface DecodedMosaic extends MosaicWindow {
  /** As-shot factors of red, green and blue; absent where the file has none. */
  readonly asShot?: readonly number[];
  /** Factors for daylight. */
  readonly daylight?: readonly number[];
  /** Balanced camera colours to linear sRGB, three rows of three; absent for an unknown camera. */
  readonly cameraToRgb?: readonly number[];
  readonly orientation: Orientation;
  readonly exposureSeconds: number;
  readonly iso: number;
  readonly aperture: number;
  readonly make: string;
  readonly model: string;
  readonly notes: readonly string[];
}

/** The answer of the thread: a mosaic, or the reason why there is none. */
export type DecodeReply =
  | { readonly mosaic: DecodedMosaic }
  | { readonly refused: 'input' | 'limit'; readonly reason: string };
