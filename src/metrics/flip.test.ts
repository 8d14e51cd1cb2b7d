import { expect, test } from 'vitest';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { flip } from './flip.js';
import { referencePairs } from './testing/reference-pairs.js';

/**
 * Means at 67.02 and at 30 pixels per degree. `tool`: NVIDIA's C++ program, version 1.6, which
 * computes in single precision, here printed with nine digits. `double`: the equations of NVIDIA's
 * PyTorch code written out in NumPy, in double precision.
 */
const references: Readonly<Record<string, { tool: readonly number[]; double: readonly number[] }>> =
  {
    'noise 96x80': {
      tool: [0.107413784, 0.206315249],
      double: [0.10741373873500858, 0.20631522611832745],
    },
    'blur 96x80': {
      tool: [0.089864053, 0.159472495],
      double: [0.08986395052762804, 0.15947238662260008],
    },
    'colour 97x75': {
      tool: [0.602774978, 0.594261289],
      double: [0.6027736319703767, 0.594261368560051],
    },
    'blur 97x75': {
      tool: [0.087471582, 0.163866162],
      double: [0.08747163975072848, 0.16386618234623834],
    },
    'noise 256x192': {
      tool: [0.07306578, 0.145849168],
      double: [0.0730658117480742, 0.145849699139525],
    },
    'blur 256x192': {
      tool: [0.08551266, 0.153073713],
      double: [0.08551324060550149, 0.15307320081335765],
    },
  };

test.each(referencePairs())('$name equals the reference', ({ name, target, result }) => {
  for (const [index, settings] of [{}, { pixelsPerDegree: 30 }].entries()) {
    const score = flip.open(settings).measure(result, target);
    const { tool, double } = references[name]!;
    expect(Math.abs(score / double[index]! - 1)).toBeLessThan(1e-9);
    expect(Math.abs(score / tool[index]! - 1)).toBeLessThan(1e-5);
  }
});

test('it is symmetric, 0 for equal images, and the same whatever lies outside the border', () => {
  const [{ target, result }] = referencePairs() as [ReturnType<typeof referencePairs>[number]];
  expect(flip.open().measure(target, target)).toBe(0);
  expect(flip.open().measure(result, target)).toBeCloseTo(flip.open().measure(target, result), 12);
  const spoilt = tensor(result.shape, result.data.slice());
  spoilt.data[0] = 1 - spoilt.data[0]!;
  const inner = flip.open({ border: 2 });
  expect(inner.measure(spoilt, target)).toBe(inner.measure(result, target));
});

test('the greatest difference of colour, of green and blue, is 1', () => {
  const filled = (channel: number) =>
    tensor(
      [3, 12, 12],
      Float32Array.from({ length: 432 }, (_, index) =>
        Math.floor(index / 144) === channel ? 1 : 0,
      ),
    );
  expect(flip.open().measure(filled(2), filled(1))).toBeCloseTo(1, 6);
});

test('values beyond 0..1 count as black and white', () => {
  const [{ target }] = referencePairs() as [ReturnType<typeof referencePairs>[number]];
  const beyond = tensor(
    target.shape,
    target.data.map((value) => 3 * value - 1),
  );
  const clamped = tensor(
    target.shape,
    beyond.data.map((value) => Math.min(1, Math.max(0, value))),
  );
  expect(flip.open().measure(beyond, target)).toBe(flip.open().measure(clamped, target));
});

test('the version names the viewing distance, on which scores depend', () => {
  expect(flip.open().version).toBe('1 67.02 pixels per degree');
  expect(flip.open({ pixelsPerDegree: 40 }).version).toBe('1 40.00 pixels per degree');
});

test('what cannot be compared is refused', () => {
  expect(() => flip.open().measure(tensor([3, 8, 9]), tensor([3, 8, 8]))).toThrow(ParameterError);
  const broken = tensor([3, 8, 8], new Float32Array(192).fill(Number.NaN));
  expect(() => flip.open().measure(broken, tensor([3, 8, 8]))).toThrow(/finite/);
  for (const pixelsPerDegree of [0, -1, Number.NaN, Infinity])
    expect(() => flip.open({ pixelsPerDegree })).toThrow(withSubject('pixelsPerDegree'));
});
