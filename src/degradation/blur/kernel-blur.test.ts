import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { srgbToLinear } from '../camera/transfer-curves.js';
import { createDegradation } from '../create-degradation.js';
import { kernelOfImage, parseKernel } from './kernel-blur.js';

const place = { seed: 0, index: 0 };
const measured = [
  [0, 1, 0, 0],
  [2, 5, 1, 0],
  [0, 0, 3, 4],
];
const total = 16;

function point(side: number, value: number) {
  const image = tensor([3, side, side]);
  for (const plane of [0, 1, 2]) image.data[plane * side * side + (side >> 1) * (side + 1)] = value;
  return image;
}

test('a bright point becomes the kernel, in linear light', () => {
  const side = 15;
  const settings = { kind: 'kernel-blur', kernel: measured, centre: 'middle', round: false };
  const { apply, margin } = createDegradation(settings);
  expect(margin).toBe(2);
  const { data } = apply(point(side, 0.8), place);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const weight = (measured[y - 7 + 1]?.[x - 7 + 1] ?? 0) / total;
      expect(srgbToLinear(data[y * side + x]!)).toBeCloseTo(weight * srgbToLinear(0.8), 5);
    }
});

test.each([
  ['mass', 1e-3],
  ['pixel', 0.5],
])('centred by %s, the centre of mass is on the point', (centre, tolerance) => {
  const side = 15;
  const blur = createDegradation({
    kind: 'kernel-blur',
    kernel: measured,
    centre,
    light: 'display',
    round: false,
  });
  const { data } = blur.apply(point(side, 1), place);
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < side * side; at++) {
    mass += data[at]!;
    x += data[at]! * ((at % side) - 7);
    y += data[at]! * (Math.floor(at / side) - 7);
  }
  expect(mass).toBeCloseTo(1, 6);
  expect(Math.abs(x)).toBeLessThanOrEqual(tolerance);
  expect(Math.abs(y)).toBeLessThanOrEqual(tolerance);
});

test('text is read as rows of numbers, whatever stands between them', () => {
  const expected = [
    [0, 0.5, 1e-3],
    [1, 2, 3],
  ];
  expect(parseKernel('# a kernel\n0 0.5 1e-3\n\n1\t2   3\n')).toEqual(expected);
  expect(parseKernel('0,.5,0.001\r\n1; 2; 3')).toEqual(expected);
});

test('text that is no matrix is refused by line', () => {
  expect(() => parseKernel('1 2\n3 x', 'k.txt')).toThrow(InputError);
  expect(() => parseKernel('1 2\n3 x', 'k.txt')).toThrow(/k\.txt: line 2.*"x"/);
  expect(() => parseKernel('1 2\n\n3')).toThrow(/line 3: expected 2 numbers.*received 1/);
  expect(() => parseKernel('# nothing\n')).toThrow(/no numbers/);
  expect(() => parseKernel('1 NaN')).toThrow(/line 1/);
  expect(() => parseKernel('1 Infinity')).toThrow(/line 1/);
});

test('an image is read as the mean of its channels', () => {
  expect(kernelOfImage(tensor([2, 2], [0, 1, 2, 3]))).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(kernelOfImage(tensor([3, 1, 2], [0, 3, 1, 3, 2, 3]))).toEqual([[1, 3]]);
  expect(() => kernelOfImage(tensor([4], [1, 2, 3, 4]))).toThrow(ParameterError);
  expect(() => kernelOfImage(tensor([3, 0, 2]))).toThrow(withSubject('image'));
});
