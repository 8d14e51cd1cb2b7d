import { expect, test } from 'vitest';
import {
  CancelledError,
  DpirError,
  EngineError,
  InputError,
  LimitError,
  ModelError,
  OutputError,
  ParameterError,
} from '../utils/errors.js';
import { reviveError, serializeError } from './serialized-error.js';

const cross = (error: unknown) => reviveError('job', structuredClone(serializeError(error)));

test.each([
  new ParameterError('steps', 'at least 1', 0, 'Leave it out for the default.'),
  new InputError('a.png', 'is truncated', { expected: '9 bytes', received: '3 bytes' }),
  new ModelError('pack', 'lacks conv.weight'),
  new EngineError('webgpu', 'is missing', { code: 'device-unknown' }),
  new LimitError('memory', 'is short'),
  new OutputError('b.png', 'cannot be written', { code: 'file-unwritable', systemCode: 'EROFS' }),
  new CancelledError('training'),
])('$name keeps its class, fields and stack', (error) => {
  const crossed = cross(error);
  expect(crossed).toBeInstanceOf(error.constructor);
  expect(crossed).toBeInstanceOf(DpirError);
  expect(crossed).toBeInstanceOf(Error);
  for (const field of ['name', 'kind', 'code', 'message', 'reason', 'stack'] as const)
    expect(crossed[field]).toBe(error[field]);
  expect(crossed.details).toEqual(error.details);
});

test('a chain of causes stays whole', () => {
  const root = new RangeError('offset 9');
  const crossed = cross(new InputError('a', 'b', { cause: new Error('middle', { cause: root }) }));
  const middle = crossed.cause as Error;
  expect(middle.message).toBe('middle');
  expect(middle.cause).toMatchObject({
    name: 'RangeError',
    message: 'offset 9',
    stack: root.stack,
  });
});

test('an error of no known class becomes an EngineError with the original as cause', () => {
  const bug = new TypeError('x is not a function');
  const crossed = cross(bug);
  expect(crossed).toBeInstanceOf(EngineError);
  expect(crossed).toMatchObject({ code: 'job-crashed', details: { subject: 'job' } });
  expect(crossed.cause).toMatchObject({ name: 'TypeError', stack: bug.stack });
});

test('something thrown that is no error becomes the message of the cause', () => {
  expect(cross('just words')).toMatchObject({
    code: 'job-crashed',
    cause: { message: 'just words' },
  });
});
