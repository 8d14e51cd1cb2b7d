import { LimitError, ParameterError } from '../utils/errors.js';
import { MAX_TIMER_MS } from '../utils/limits.js';

const MAX_SECONDS = Math.floor(MAX_TIMER_MS / 1000);

/**
 * Runs work that stops when its signal is aborted, and aborts it after a time limit.
 * @param subject what messages call the work.
 * @param signal of the caller, which aborts the work too.
 * @throws LimitError with the code `time-limit`, ParameterError for a time out of range, and what the
 * work throws.
 * @example
 * const report = await withTimeLimit('probe', 60, undefined, (stop) =>
 *   engine.run(probeJob, request, { signal: stop }),
 * );
 */
export async function withTimeLimit<Result>(
  subject: string,
  seconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (!(seconds > 0 && seconds <= MAX_SECONDS))
    throw new ParameterError('timeout', `seconds above 0 and up to ${MAX_SECONDS}`, seconds);
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
      { code: 'time-limit', expected: `at most ${seconds} s`, cause },
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
