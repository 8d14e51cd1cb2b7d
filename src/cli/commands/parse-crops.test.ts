import { expect, test } from 'vitest';
import { ParameterError } from '../../utils/errors.js';
import { parseCrops } from './evaluate.js';

test('squares, automatic ones and none', () => {
  expect(parseCrops(undefined)).toBeUndefined();
  expect(parseCrops(['none'])).toEqual({ given: [], automatic: 0 });
  expect(parseCrops(['auto'])).toEqual({ given: [], automatic: 3 });
  expect(parseCrops(['a/b:c.d:10,0,96', 'auto:5', 'e:1,2,3'])).toEqual({
    given: [
      { item: 'a/b:c.d', left: 10, top: 0, size: 96 },
      { item: 'e', left: 1, top: 2, size: 3 },
    ],
    automatic: 5,
  });
});

test.each([['a:1,2'], ['a'], [':1,2,3'], ['auto:'], ['auto:x'], ['a:1,2,-3'], ['']])(
  '%j is refused',
  (text) => {
    expect(() => parseCrops([text])).toThrow(ParameterError);
  },
);

test('none stands alone', () => {
  expect(() => parseCrops(['none', 'auto'])).toThrow('none alone');
});
