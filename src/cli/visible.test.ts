import { expect, test } from 'vitest';
import { visible, visibleLines } from './format.js';

test('what controls a terminal is spelled out, all else stays', () => {
  const hostile = 'a\u001b]0;title\u0007\u009b31m\u007f\u202eb\r';
  const spelled = 'a\\u001b]0;title\\u0007\\u009b31m\\u007f\\u202eb\\r';
  expect(visible(hostile)).toBe(spelled);
  expect(visibleLines(`${hostile}\n\tä 漢 😀`)).toBe(`${spelled}\n\tä 漢 😀`);
  expect(visible('a\nb\tc')).toBe('a\\nb\\tc');
});
