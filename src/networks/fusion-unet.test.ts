import { expect, test } from 'vitest';
import { madeUpParameter } from '../conformance/network-case.js';
import { gradients, mul, ParameterScope, reduceMean } from '../graph/index.js';
import { asInputs, evaluate } from '../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { fusion } from './fusion.js';
import { fusionUnet } from './fusion-unet.js';
import { parseConfiguration } from './network.js';
import { madeUpOutput, mirroredToMultiple, parametersOf, reachOf } from './testing/networks.js';

const small = { features: 4, widths: [4, 6, 8] };
const inputs = (height: number, width: number, t = 7): Tensor[] => [
  sample([1, 3, height, width], 1, { low: 0 }),
  sample([1, 3, height, width], 2, { low: 0 }),
  tensor([1], [t]),
];

test('is about as large as the fusion network that it is compared with', () => {
  const { count, names } = parametersOf(fusionUnet, {});
  expect(count).toBe(737_123);
  expect(Math.abs(count / parametersOf(fusion, {}).count - 1)).toBeLessThan(0.01);
  expect(names).toContain('down.0.conv1.weight');
});

test.each([
  [1, 1],
  [3, 8],
  [5, 6],
  [9, 7],
])('images of %i x %i are mirrored to multiples of four and cropped back', async (...size) => {
  const [height, width] = size;
  const [restored, denoised, t] = inputs(height, width) as [Tensor, Tensor, Tensor];
  const padded = [restored, denoised].map((image) => mirroredToMultiple(image, 4));
  const whole = await madeUpOutput(fusionUnet, small, [...padded, t]);
  const expected = filled([1, 3, height, width], (...place) => at(whole, ...place));
  expectClose(await madeUpOutput(fusionUnet, small, [restored, denoised, t]), expected);
});

const differ = (a: Tensor, b: Tensor): boolean =>
  a.data.some((value, index) => Math.abs(value - b.data[index]!) > 1e-4);

test('timestep and both images decide what comes out', async () => {
  const output = await madeUpOutput(fusionUnet, small, inputs(8, 8));
  expect(differ(await madeUpOutput(fusionUnet, small, inputs(8, 8, 200)), output)).toBe(true);
  for (const index of [0, 1]) {
    const changed = inputs(8, 8).map((value, place) =>
      place === index ? sample(value.shape, 9, { low: 0 }) : value,
    );
    expect(differ(await madeUpOutput(fusionUnet, small, changed), output)).toBe(true);
  }
});

test('each image of a batch has its own timestep', async () => {
  const both = [0, 1].map((input) => {
    const { data } = inputs(4, 4)[input]!;
    return tensor([2, 3, 4, 4], Float32Array.from([...data, ...data]));
  });
  const output = await madeUpOutput(fusionUnet, small, [...both, tensor([2], [3, 90])]);
  for (const [place, t] of [3, 90].entries()) {
    const alone = await madeUpOutput(fusionUnet, small, inputs(4, 4, t));
    expectClose(tensor([1, 3, 4, 4], output.data.slice(48 * place, 48 * (place + 1))), alone);
  }
});

test('every parameter has a gradient', async () => {
  const { values, feeds } = asInputs(inputs(8, 8));
  const scope = new ParameterScope();
  const config = parseConfiguration(fusionUnet, { ...small, features: 16 });
  const estimate = fusionUnet.build(config, scope, values);
  const loss = reduceMean(mul(estimate, estimate), [0, 1, 2, 3], false);
  const declared = [...scope.declared()];
  const slopes = gradients(
    loss,
    declared.map(([, value]) => value),
  );
  const outputs = Object.fromEntries(
    declared.map(([name], index) => [`gradient ${name}`, slopes[index]!]),
  );
  const weights = new Map(
    declared.map(([name, { shape }]) => [name, madeUpParameter(name, shape)] as const),
  );
  const slopeOf = await evaluate(outputs, feeds, weights);
  for (const [name, value] of weights) {
    const { shape, data } = slopeOf[`gradient ${name}`]!;
    expect(shape).toEqual(value.shape);
    expect(data.every(Number.isFinite), name).toBe(true);
    expect(
      data.some((value) => value !== 0),
      name,
    ).toBe(true);
  }
});

test.each([{ widths: [4] }, { widths: [4, 4] }, { widths: [4, 4, 4] }])(
  'no pixel beyond the receptive radius matters, and one near it does: %o',
  async ({ widths }) => {
    const json = { features: 4, widths };
    const radius = fusionUnet.receptiveRadius(parseConfiguration(fusionUnet, json))!;
    const side = 8 * Math.ceil((2.5 * radius) / 8);
    let most = 0;
    for (const input of [0, 1])
      for (const offset of [0, 1, 2, 3]) {
        const place = [side / 2 + offset, side / 2 - offset] as const;
        const reach = await reachOf(fusionUnet, json, inputs(side, side), { input, place });
        expect(reach).toBeLessThanOrEqual(radius);
        most = Math.max(most, reach);
      }
    expect(most).toBeGreaterThan(0.8 * radius);
  },
);

test.each([
  [{ features: 5 }, 'features'],
  [{ widths: [] }, 'widths'],
  [{ growth: 32 }, 'growth'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(fusionUnet, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(fusionUnet, json)).toThrow(name);
});
