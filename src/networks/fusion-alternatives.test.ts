import { expect, test } from 'vitest';
import { expectClose, filled, sample } from '../graph/testing/tensors.js';
import { tensor } from '../tensor/tensor.js';
import { fusionLdwt, fusionTdwa } from './fusion-alternatives.js';
import type { Network } from './network.js';
import { agreesWithReference, madeUpOutput, parametersOf } from './testing/networks.js';

test.each(['fusion-tdwa', 'fusion-ldwt'])('%s agrees with the reference', async (name) => {
  expect(await agreesWithReference(name)).toBe(true);
});

test('their parameters are those of the paper’s ablation', () => {
  expect(parametersOf(fusionTdwa, {}).count).toBe(8515);
  expect(parametersOf(fusionLdwt, {}).count).toBe(30);
  expect(parametersOf(fusionLdwt, { levels: 1 }).count).toBe(12);
});

test.each([
  [fusionTdwa as Network, {}],
  [fusionLdwt as Network, { levels: 2 }],
] as const)('two equal images of any size come back as they are: %#', async (network, json) => {
  const image = sample([2, 3, 5, 7], 1, { low: 0 });
  const t = tensor([2], [3, 90]);
  expectClose(await madeUpOutput(network, json, [image, image, t]), image);
});

test('one level mixes the four sub-bands of each block by their own weights', async () => {
  const restored = sample([1, 3, 2, 2], 1, { low: 0 });
  const denoised = filled([1, 3, 2, 2], () => 0);
  const output = await madeUpOutput(fusionLdwt, { levels: 1 }, [restored, denoised, tensor([1])]);
  const signs = [
    [1, 1, 1, 1],
    [1, -1, 1, -1],
    [1, 1, -1, -1],
    [1, -1, -1, 1],
  ];
  const total = (data: Float32Array, channel: number, band: number): number =>
    signs[band]!.reduce((sum, sign, pixel) => sum + (sign * data[channel * 4 + pixel]!) / 2, 0);
  for (let channel = 0; channel < 3; channel += 1)
    for (let band = 0; band < 4; band += 1) {
      const share = total(output.data, channel, band) / total(restored.data, channel, band);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
    }
});
