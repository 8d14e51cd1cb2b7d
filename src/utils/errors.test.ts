import { expect, test } from 'vitest';
import { CancelledError, InputError, ParameterError, systemCodeOf } from './errors.js';

test('an error has a kind, a code and details beside its message', () => {
  const error = new ParameterError('steps', 'at least 1', 0, 'Leave it out for the default.');
  expect(error).toMatchObject({
    kind: 'usage',
    code: 'invalid-parameter',
    message: 'steps: expected at least 1, received 0. Leave it out for the default.',
    details: { subject: 'steps', expected: 'at least 1', received: '0' },
  });
  const cause = Object.assign(new Error('gone'), { code: 'ENOENT' });
  expect(new InputError('a.png', 'is missing', { code: 'file-not-found', cause })).toMatchObject({
    ...{ kind: 'input', code: 'file-not-found', reason: 'is missing', cause },
    details: { subject: 'a.png' },
  });
  expect(new CancelledError('training')).toMatchObject({
    ...{ kind: 'cancelled', code: 'cancelled', message: 'training was cancelled' },
    details: { subject: 'training' },
  });
});

test('codes of the system are texts alone', () => {
  expect(systemCodeOf(Object.assign(new Error(), { code: 'ENOSPC' }))).toBe('ENOSPC');
  for (const other of [undefined, null, 'ENOSPC', new Error(), { code: 5 }])
    expect(systemCodeOf(other)).toBeUndefined();
});
