import { expect, test } from 'vitest';
import { convTranspose2d, input, ParameterScope } from '../graph/index.js';
import { asInputs, compile } from '../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { ParameterError } from '../utils/errors.js';
import { drunet, upSample } from './drunet.js';
import { parseConfiguration } from './network.js';
import { buildDenoiser } from './roles.js';
import {
  agreesWithReference,
  madeUpOutput,
  mirroredToMultiple,
  parametersOf,
  reachOf,
} from './testing/networks.js';

const small = { nc: [4, 6, 8], nb: 1 };

test('has the parameters and the output of the reference', async () => {
  expect(await agreesWithReference('drunet')).toBe(true);
});

test('has the published numbers of parameters', () => {
  expect(parametersOf(drunet, {}).count).toBe(32_653_635);
  expect(parametersOf(drunet, { bias: false }).count).toBe(32_640_960);
});

test.each([
  [1, 1],
  [2, 7],
  [9, 6],
])(
  'an image of %i x %i is mirrored to multiples of four and cropped back',
  async (height, width) => {
    const image = sample([1, 4, height, width], 3, { low: 0 });
    const whole = await madeUpOutput(drunet, small, [mirroredToMultiple(image, 4)]);
    const expected = filled([1, 3, height, width], (...place) => at(whole, ...place));
    expectClose(await madeUpOutput(drunet, small, [image]), expected);
  },
);

test.each([
  [{ bias: true }, ['m_up1.0.weight', 'm_up1.1.res.0.weight', 'm_down1.1.weight']],
  [{ upsample_mode: 'upconv' }, ['m_up1.1.weight', 'm_up1.2.res.0.weight']],
  [{ upsample_mode: 'pixelshuffle' }, ['m_up1.0.weight', 'm_up1.2.res.0.weight']],
  [{ downsample_mode: 'avgpool' }, ['m_down1.2.weight']],
  [{ nb: 1 }, ['m_body.res.0.weight']],
  [{ nb: 2 }, ['m_body.1.res.2.bias', 'm_down1.2.weight', 'm_up1.2.res.2.bias']],
])('places its layers as the reference does: %o', (json, names) => {
  expect(parametersOf(drunet, { ...small, ...json }).names).toEqual(expect.arrayContaining(names));
});

test('enlarges by a transposed convolution', async () => {
  const x = sample([2, 3, 3, 4], 4);
  const parameters = [sample([3, 5, 2, 2], 5), sample([5], 6)];
  const { values, feeds } = asInputs([x, ...parameters]);
  const scope = new ParameterScope();
  const config = parseConfiguration(drunet, {});
  const y = upSample(config, scope, values[0]!, 5);
  const expected = convTranspose2d(values[0]!, values[1]!, values[2]!, { stride: 2, size: [6, 8] });
  const weights = new Map([...scope.declared().keys()].map((name, i) => [name, parameters[i]!]));
  const compiled = await compile({ y, expected }, weights);
  const outputs = await compiled.run(feeds);
  await compiled.release();
  expectClose(outputs.y!, outputs.expected!);
});

test.each([
  { nb: 1 },
  { nb: 2 },
  { nc: [4, 4, 4] },
  { upsample_mode: 'upconv' },
  { upsample_mode: 'pixelshuffle' },
  { downsample_mode: 'avgpool', act_mode: 'L' },
])('no pixel beyond the receptive radius matters, and one at it does: %o', async (changed) => {
  const json = { nc: [4, 4], nb: 1, ...changed };
  const radius = drunet.receptiveRadius(parseConfiguration(drunet, json))!;
  const side = 8 * Math.ceil((2.5 * radius) / 8);
  const image = sample([1, 4, side, side], 5, { low: 0 });
  let most = 0;
  for (const offset of [0, 1, 2, 3]) {
    const place = [side / 2 + offset, side / 2 - offset] as const;
    const reach = await reachOf(drunet, json, [image], { input: 0, place });
    expect(reach).toBeLessThanOrEqual(radius);
    most = Math.max(most, reach);
  }
  expect(most).toBe(radius);
});

test('the noise level enters a denoiser as a fourth channel', () => {
  const config = parseConfiguration(drunet, small);
  const scope = new ParameterScope();
  const image = input('image', [2, 3, 8, 8]);
  const sigma = input('sigma', [2, 1, 1, 1]);
  expect(buildDenoiser(drunet, config, scope, image, sigma).shape).toEqual([2, 3, 8, 8]);
  expect(scope.declared().get('m_head.weight')!.shape).toEqual([4, 4, 3, 3]);
});

test.each([
  [{ in_nc: 0 }, 'in_nc'],
  [{ nc: [4] }, 'nc'],
  [{ nc: [4, 0] }, 'nc.1'],
  [{ nb: 0 }, 'nb'],
  [{ act_mode: 'BR' }, 'act_mode'],
  [{ downsample_mode: 'maxpool' }, 'downsample_mode'],
  [{ upsample_mode: 'bilinear' }, 'upsample_mode'],
  [{ depth: 4 }, 'depth'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(drunet, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(drunet, json)).toThrow(name);
});

test('refuses other channels', () => {
  const config = parseConfiguration(drunet, small);
  const build = () => drunet.build(config, new ParameterScope(), [input('x', [1, 3, 8, 8])]);
  expect(build).toThrow('drunet input: expected 4 channels, received 3');
});
