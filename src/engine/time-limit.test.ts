import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CancelledError, InputError, LimitError, ParameterError } from '../utils/errors.js';
import { withTimeLimit } from './time-limit.js';

/** Work of some milliseconds, which ends when it is told to. */
const work = (milliseconds: number) => (signal: AbortSignal) =>
  wait(milliseconds, 'done', { signal }).catch(() => {
    throw new CancelledError();
  });

test('work that is done in time gives its result', async () => {
  expect(await withTimeLimit('image', 60, undefined, work(1))).toBe('done');
});

test('work that is not is ended, and the error names the limit', async () => {
  const call = withTimeLimit('large.png', 0.05, undefined, work(60_000));
  await expect(call).rejects.toThrow(LimitError);
  await expect(call).rejects.toMatchObject({
    code: 'time-limit',
    details: { subject: 'large.png', expected: 'at most 0.05 s' },
  });
});

test('a caller who cancels is told so, whatever the limit', async () => {
  const caller = new AbortController();
  const call = withTimeLimit('image', 60, caller.signal, work(60_000));
  caller.abort();
  await expect(call).rejects.toThrow(CancelledError);
  const late = withTimeLimit('image', 60, caller.signal, work(60_000));
  await expect(late).rejects.toThrow(CancelledError);
});

test('other failures stay what they are', async () => {
  const call = withTimeLimit('image', 60, undefined, async () => {
    throw new InputError('image', 'is damaged');
  });
  await expect(call).rejects.toThrow(InputError);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  '%s seconds are refused',
  async (seconds) => {
    await expect(withTimeLimit('x', seconds, undefined, work(1))).rejects.toThrow(ParameterError);
  },
);
