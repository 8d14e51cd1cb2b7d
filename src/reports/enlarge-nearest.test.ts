import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { enlargeNearest } from './page.js';

test('enlarging repeats every pixel, also from within one', () => {
  const image = tensor([1, 2, 2], [1, 2, 3, 4]);
  const { shape, data } = enlargeNearest(image, 2, { left: 1, top: 1, width: 3, height: 2 });
  expect(shape).toEqual([1, 2, 3]);
  expect([...data]).toEqual([1, 2, 2, 3, 4, 4]);
});
