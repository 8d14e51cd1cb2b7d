import { LimitError, ParameterError } from '../../tensor/errors.js';

/** Seconds that one restoration may take where nothing is said: a day. */
export const DEFAULT_TIMEOUT = 24 * 3600;
/** Timers count milliseconds in 31 bits. */
const LONGEST = 2 ** 31 / 1000 - 1;

/**
 * Does work that ends when its signal is aborted, within a limit on its time.
 * @param subject what messages call the work.
 * @param signal of the caller, who may end the work too.
 * @throws LimitError where the time is over before the work, ParameterError for a time out of range,
 * and what the work throws.
 */
export async function withTimeLimit<Result>(
  subject: string,
  seconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (!(seconds > 0 && seconds <= LONGEST))
    throw new ParameterError('timeout', `seconds above 0 and up to ${LONGEST}`, seconds);
  const own = new AbortController();
  const cancel = (): void => own.abort(signal?.reason);
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    own.abort();
  }, seconds * 1000);
  try {
    return await work(own.signal);
  } catch (cause) {
    if (!isOver || signal?.aborted) throw cause;
    throw new LimitError(
      subject,
      `not done after ${seconds} s, the limit; allow more with \`timeout\``,
      { expected: `at most ${seconds} s`, cause },
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
