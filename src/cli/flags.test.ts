import { expect, test } from 'vitest';
import { LimitError, ParameterError } from '../tensor/errors.js';
import { inFlags } from './flags.js';

const flags = { 'limits.maxPixels': '--max-input-pixels', tile: '--tile' };

test('options that an error quotes become flags, others stay', () => {
  const error = new LimitError('a.png', 'raise `limits.maxPixels`, `tile` or `toString`, not tile');
  expect(inFlags(error, flags)).toBe(
    'a.png: raise --max-input-pixels, --tile or `toString`, not tile',
  );
});

test('the parameter of a usage error is its flag, a file of that name stays a file', () => {
  expect(inFlags(new ParameterError('tile', 'at least 64', 3), flags)).toBe(
    '--tile: expected at least 64, received 3',
  );
  expect(inFlags(new LimitError('tile', 'is too large'), flags)).toBe('tile: is too large');
});
