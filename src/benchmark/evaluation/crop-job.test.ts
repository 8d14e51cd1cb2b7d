import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { disagreement, greatestSquare } from './crop-job.js';

test('disagreement is the variance over images, summed over colours, where all have pixels', () => {
  const first = tensor([3, 2, 3]);
  const second = tensor([3, 2, 4]);
  second.data[1] = 0.5;
  second.data[8 + 4] = 1;
  second.data[3] = 1;
  const { height, width, data } = disagreement([first, second]);
  expect([height, width]).toEqual([2, 3]);
  expect([...data]).toEqual([0, 0.0625, 0, 0.25, 0, 0]);
});

test('the greatest square is that of the greatest sum, wherever it lies', () => {
  const [height, width] = [9, 13];
  const data = Float64Array.from({ length: height * width }, (_, at) => ((at * 37) % 11) / 11);
  for (let y = 5; y < 9; y += 1) for (let x = 9; x < 13; x += 1) data[y * width + x]! += 1;
  const { mean, ...place } = greatestSquare({ height, width, data }, 4);
  expect(place).toEqual({ top: 5, left: 9, width: 4, height: 4 });
  let sum = 0;
  for (let y = 5; y < 9; y += 1) for (let x = 9; x < 13; x += 1) sum += data[y * width + x]!;
  expect(mean).toBeCloseTo(sum / 16, 12);
  expect(greatestSquare({ height, width, data }, 99)).toMatchObject({ width: 9, height: 9 });
});
