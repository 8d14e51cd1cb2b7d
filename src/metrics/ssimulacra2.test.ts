import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { ssimulacra2 } from './ssimulacra2.js';
import { referencePairs } from './testing/reference-pairs.js';

/**
 * `program`: Cloudinary's ssimulacra2, version 2.1, whose recursive Gaussian in single precision
 * alone moves scores by hundredths. `double`: the same program with that filter in double precision.
 * Sides of 75 to 97 pixels leave five scales, 256 x 192 leaves six.
 */
const references: Readonly<Record<string, { program: number; double: number }>> = {
  'noise 96x80': { program: 18.34228978, double: 18.35324931 },
  'blur 96x80': { program: 55.96245058, double: 55.96867653 },
  'colour 97x75': { program: 28.73023624, double: 28.73539803 },
  'blur 97x75': { program: 54.9280673, double: 54.93001831 },
  'noise 256x192': { program: 69.6518853, double: 69.63964645 },
  'blur 256x192': { program: 53.77943698, double: 53.7795831 },
};

test.each(referencePairs())('$name equals the reference', ({ name, target, result }) => {
  const score = ssimulacra2.open().measure(result, target);
  expect(Math.abs(score - references[name]!.double)).toBeLessThan(1e-3);
  expect(Math.abs(score - references[name]!.program)).toBeLessThan(0.02);
});

test('it is 100 for equal images, and the same whatever lies outside the border', () => {
  const [{ target, result }] = referencePairs() as [ReturnType<typeof referencePairs>[number]];
  expect(ssimulacra2.open().measure(target, target)).toBe(100);
  const spoilt = tensor(result.shape, result.data.slice());
  spoilt.data[0] = 1 - spoilt.data[0]!;
  const inner = ssimulacra2.open({ border: 2 });
  expect(inner.measure(spoilt, target)).toBe(inner.measure(result, target));
});

test('which of two images is the reference matters', () => {
  const [, { target, result }] = referencePairs() as [
    unknown,
    ReturnType<typeof referencePairs>[number],
  ];
  const difference =
    ssimulacra2.open().measure(result, target) - ssimulacra2.open().measure(target, result);
  expect(Math.abs(difference)).toBeGreaterThan(0.5);
});

test('what cannot be compared is refused', () => {
  const small = tensor([3, 7, 20]);
  expect(() => ssimulacra2.open().measure(small, small)).toThrow(/at least 8 x 8/);
  expect(() => ssimulacra2.open().measure(tensor([3, 8, 9]), tensor([3, 8, 8]))).toThrow(
    ParameterError,
  );
  const broken = tensor([3, 8, 8], new Float32Array(192).fill(Number.NaN));
  expect(() => ssimulacra2.open().measure(broken, tensor([3, 8, 8]))).toThrow(/finite/);
  expect(() => ssimulacra2.open({ border: -1 })).toThrow(withSubject('border'));
});
