import { expect, test } from 'vitest';
import {
  CancelledError,
  EngineError,
  InputError,
  LimitError,
  ModelError,
  OutputError,
  ParameterError,
} from '../utils/errors.js';
import { exitCodeOf } from './command.js';

test.each([
  [new ParameterError('steps', 'a positive integer', 0), 2],
  [new InputError('a.png', 'no image'), 1],
  [new OutputError('b.png', 'disk full'), 1],
  [new ModelError('sr4', 'missing'), 3],
  [new EngineError('webgpu', 'missing'), 3],
  [new LimitError('a.png', 'too many pixels'), 4],
  [new CancelledError(), 130],
  [new Error('a defect'), 1],
  ['a thrown string', 1],
])('%s exits with %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
