import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseOptions } from './options.js';

const schema = z.object({
  steps: z.coerce.number().int().min(1).optional(),
  maxPixels: z.coerce.number().default(100),
  start: z.enum(['accelerated', 'noised']).default('accelerated'),
});

test('options are converted, defaults filled in and others left out', () => {
  expect(parseOptions(schema, { steps: '5', json: true })).toEqual({
    steps: 5,
    maxPixels: 100,
    start: 'accelerated',
  });
});

test.each([
  [{ steps: '0' }, '--steps: expected at least 1, received "0"'],
  [{ steps: '1.5' }, '--steps: expected an integer, received "1.5"'],
  [{ maxPixels: 'many' }, '--max-pixels: expected a number, received "many"'],
  [{ start: 'cold' }, '--start: expected one of "accelerated", "noised", received "cold"'],
])('%j is refused by the name of the option', (options, message) => {
  expect(() => parseOptions(schema, options)).toThrow(message);
});
