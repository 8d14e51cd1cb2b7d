import { expect, test } from 'vitest';
import { csvText } from './quoting.js';

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['=cmd|x', "'=cmd|x"],
  ['+1+2', "'+1+2"],
  ['-a', "'-a"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['-0.25', '-0.25'],
  ['-inf', '-inf'],
  [-2, '-2'],
  [null, ''],
  [undefined, ''],
])('%j is written as %j', (value, expected) => {
  expect(csvText([[value]])).toBe(expected);
});
