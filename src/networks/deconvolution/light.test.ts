import { linearToSrgb, srgbToLinear } from '../../degradation/camera/transfer-curves.js';
import { checkGradients } from '../../graph/testing/check-gradients.js';
import { evaluateOn } from '../../graph/testing/evaluate.js';
import { expectClose, sample } from '../../graph/testing/tensors.js';
import { tensor } from '../../tensor/tensor.js';
import { toDisplay, toLinear } from './light.js';
import { expect, test } from 'vitest';

const steps = Array.from({ length: 1025 }, (_, at) => at / 1024);
const values = tensor([steps.length], steps);

test('display values become light by the curve of sRGB', async () => {
  expectClose(
    await evaluateOn((v) => toLinear(v!), [values]),
    tensor([steps.length], steps.map(srgbToLinear)),
    2e-6,
  );
});

test('light becomes display values by the inverse of that curve', async () => {
  expectClose(
    await evaluateOn((v) => toDisplay(v!), [values]),
    tensor([steps.length], steps.map(linearToSrgb)),
    2e-6,
  );
});

test('light beyond [0, 1] is black or white', async () => {
  const far = await evaluateOn((v) => toDisplay(v!), [tensor([4], [-3, -1e-3, 1.001, 20])]);
  for (const [place, expected] of [0, 0, 1, 1].entries())
    expect(far.data[place]).toBeCloseTo(expected, 6);
});

test('both have gradients, which are finite at black', async () => {
  const inside = sample([9], 1, { low: 0.25, high: 0.75 });
  await checkGradients((v) => toLinear(v!), [inside]);
  await checkGradients((v) => toDisplay(v!), [inside]);
});
