import { checkGradients } from '../../graph/testing/check-gradients.js';
import { evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { PATCH, filterSpectra, fromPatchSpectra, multiplySpectra, patchSpectra } from './patch-spectrum.js';
import { expect, test } from 'vitest';

const shape = [2, 3, 16, 24] as const;

test('the first number of a spectrum is the sum of its patch, patches in raster order', async () => {
  const x = sample(shape, 1);
  const spectra = await evaluateOn((v) => patchSpectra(v!), [x]);
  expect(spectra.shape).toEqual([2, 3, 6, 80]);
  const sums = filled([2, 3, 6], (n, c, patch) => {
    let sum = 0;
    for (let pixel = 0; pixel < PATCH ** 2; pixel += 1)
      sum += at(
        x,
        n!,
        c!,
        PATCH * Math.floor(patch! / 3) + Math.floor(pixel / PATCH),
        PATCH * (patch! % 3) + (pixel % PATCH),
      );
    return sum;
  });
  const first = filled([2, 3, 6], (...place) => at(spectra, ...place, 0));
  expectClose(first, sums);
});

test('a picture is back after the way to its spectra and back', async () => {
  const x = sample(shape, 2);
  expectClose(await evaluateOn((v) => fromPatchSpectra(patchSpectra(v!), 16, 24), [x]), x);
});

test('the product of spectra is that of the cyclic convolution inside each patch', async () => {
  const [x, y] = [sample(shape, 3), sample(shape, 4)];
  const expected = filled(shape, (n, c, row, column) => {
    const [top, left] = [row! - (row! % PATCH), column! - (column! % PATCH)];
    let sum = 0;
    for (let i = 0; i < PATCH; i += 1)
      for (let j = 0; j < PATCH; j += 1) {
        const down = (row! - top - i + PATCH) % PATCH;
        const across = (column! - left - j + PATCH) % PATCH;
        sum += at(x, n!, c!, top + i, left + j) * at(y, n!, c!, top + down, left + across);
      }
    return sum;
  });
  const product = await evaluateOn(
    (v, w) => fromPatchSpectra(multiplySpectra(patchSpectra(v!), patchSpectra(w!)), 16, 24),
    [x, y],
  );
  expectClose(product, expected, 2e-6);
});

test('a filter with the constant frequency alone leaves the mean of each patch and channel', async () => {
  const x = sample(shape, 5);
  const factors = filled([3, 1, 1, 8, 5], (c, _, __, u, v) => (u === 0 && v === 0 ? c! : 0));
  const filtered = await evaluateOn(
    (v, f) => fromPatchSpectra(filterSpectra(patchSpectra(v!), f!), 16, 24),
    [x, factors],
  );
  const means = filled(shape, (n, c, row, column) => {
    let sum = 0;
    for (let i = 0; i < PATCH; i += 1)
      for (let j = 0; j < PATCH; j += 1)
        sum += at(x, n!, c!, row! - (row! % PATCH) + i, column! - (column! % PATCH) + j);
    return (c! * sum) / PATCH ** 2;
  });
  expectClose(filtered, means);
});

test('a factor acts on its own frequency', async () => {
  const x = sample([1, 2, 8, 8], 6);
  const factors = sample([2, 1, 1, 8, 5], 7);
  const before = await evaluateOn((v) => patchSpectra(v!), [x]);
  const after = await evaluateOn((v, f) => filterSpectra(patchSpectra(v!), f!), [x, factors]);
  const expected = filled([1, 2, 1, 80], (n, c, patch, place) => {
    const frequency = place! % 40;
    const factor = at(factors, c!, 0, 0, Math.floor(frequency / 5), frequency % 5);
    return factor * at(before, n!, c!, patch!, place!);
  });
  expectClose(after, expected);
});

test('spectra, their products and filters have the gradients of what they compute', async () => {
  const [x, y] = [sample([1, 1, 8, 8], 8), sample([1, 1, 8, 8], 9)];
  await checkGradients(
    (v, w, f) => {
      const product = multiplySpectra(patchSpectra(v!), patchSpectra(w!));
      return fromPatchSpectra(filterSpectra(product, f!), 8, 8);
    },
    [x, y, sample([1, 1, 1, 8, 5], 10)],
  );
});
