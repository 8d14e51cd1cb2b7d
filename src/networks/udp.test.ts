import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { parseConfiguration } from './network.js';
import { buildDenoiser } from './roles.js';
import {
  agreesWithReference,
  madeUpOutput,
  mirroredToMultiple,
  parametersOf,
  reachOf,
} from './testing/networks.js';
import { udp } from './udp.js';

const small = { in_channels: 4, widths: [4, 6, 8] };

test('has the parameters and the output of the reference', async () => {
  expect(await agreesWithReference('udp')).toBe(true);
});

test('has 11 775 267 parameters by default', () => {
  expect(parametersOf(udp, {}).count).toBe(11_775_267);
});

test.each([
  [1, 1],
  [2, 7],
  [9, 6],
])(
  'an image of %i x %i is mirrored to multiples of four and cropped back',
  async (height, width) => {
    const image = sample([1, 4, height, width], 3, { low: 0 });
    const whole = await madeUpOutput(udp, small, [mirroredToMultiple(image, 4)]);
    const expected = filled([1, 3, height, width], (...place) => at(whole, ...place));
    expectClose(await madeUpOutput(udp, small, [image]), expected);
  },
);

test('works on one level alone', async () => {
  const json = { in_channels: 3, widths: [4] };
  const image = sample([2, 3, 5, 4], 4, { low: 0 });
  expect((await madeUpOutput(udp, json, [image])).shape).toEqual([2, 3, 5, 4]);
  expect(parametersOf(udp, json).names).not.toContain('down.0.0.weight');
});

test.each([{ widths: [4] }, { widths: [4, 4] }, { widths: [4, 4, 4] }])(
  'no pixel beyond the receptive radius matters, and one near it does: %o',
  async (json) => {
    const radius = udp.receptiveRadius(parseConfiguration(udp, json))!;
    const side = 8 * Math.ceil((2.5 * radius) / 8);
    const image = sample([1, 4, side, side], 5, { low: 0 });
    let most = 0;
    for (const offset of [0, 1, 2, 3]) {
      const place = [side / 2 + offset, side / 2 - offset] as const;
      const reach = await reachOf(udp, json, [image], { input: 0, place });
      expect(reach).toBeLessThanOrEqual(radius);
      most = Math.max(most, reach);
    }
    expect(most).toBeGreaterThan(0.9 * radius);
  },
);

test('the noise level enters a denoiser as a fourth channel', () => {
  const config = parseConfiguration(udp, small);
  const image = input('image', [2, 3, 8, 8]);
  const sigma = input('sigma', [2, 1, 1, 1]);
  const scope = new ParameterScope();
  expect(buildDenoiser(udp, config, scope, image, sigma).shape).toEqual([2, 3, 8, 8]);
  expect(scope.declared().get('down.0.0.weight')!.shape).toEqual([4, 4, 3, 3]);
});

test('the level changes what is taken off', async () => {
  const image = sample([1, 3, 8, 8], 6, { low: 0 });
  const withLevel = (sigma: number) =>
    tensor([1, 4, 8, 8], Float32Array.from([...image.data, ...Array(64).fill(sigma)]));
  const [low, high] = await Promise.all(
    [0, 0.9].map((sigma) => madeUpOutput(udp, small, [withLevel(sigma)])),
  );
  expect(low!.data.some((value, index) => value !== high!.data[index])).toBe(true);
});

test.each([
  [{ in_channels: 2 }, 'in_channels'],
  [{ widths: [] }, 'widths'],
  [{ widths: [4, 0] }, 'widths.1'],
  [{ in_nc: 4 }, 'in_nc'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(udp, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(udp, json)).toThrow(name);
});

test('refuses other channels', () => {
  const config = parseConfiguration(udp, small);
  const build = () => udp.build(config, new ParameterScope(), [input('x', [1, 3, 8, 8])]);
  expect(build).toThrow('udp input: expected 4 channels, received 3');
});
