import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkSchema } from './schema.js';

const range = z.union([z.number(), z.strictObject({ low: z.number(), high: z.number() })]);

test.each([
  [z.number(), 'many', [], 'a number'],
  [z.int(), 1.5, [], 'an integer'],
  [z.boolean(), 1, [], 'true or false'],
  [z.number().min(1), 0, [], 'at least 1'],
  [z.number().lt(1), 1, [], 'less than 1'],
  [z.array(z.int()).min(1), [], [], 'at least 1 entry'],
  [z.string().max(2), 'abc', [], 'at most 2 characters'],
  [z.enum(['a', 'b']), 'c', [], 'one of "a", "b"'],
  [z.literal('a'), 'c', [], '"a"'],
  [z.int().multipleOf(8), 9, [], 'a multiple of 8'],
  [z.int().refine((size) => size % 2 === 1, 'an odd size'), 2, [], 'an odd size'],
  [z.strictObject({ tile: z.int() }), { tile: 1, tiles: 2 }, ['tiles'], 'no such entry'],
  [
    z.strictObject({ sigma: range }),
    { sigma: { low: 0, high: 'x' } },
    ['sigma', 'high'],
    'a number',
  ],
] as const)('%# a misfit says what was expected', (schema, value, path, expected) => {
  expect(checkSchema(schema as z.ZodType, value)).toMatchObject({ misfits: [{ path, expected }] });
});

test('data that fits is returned as the schema completes it', () => {
  const schema = z.object({ tile: z.int().default(64) });
  expect(checkSchema(schema, {})).toEqual({ data: { tile: 64 } });
});
