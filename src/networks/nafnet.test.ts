import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { ParameterError } from '../utils/errors.js';
import { nafnet } from './nafnet.js';
import { parseConfiguration } from './network.js';
import { buildRestorer } from './roles.js';
import { agreesWithReference, madeUpOutput, parametersOf, reachOf } from './testing/networks.js';

const small = { width: 4, enc_blk_nums: [1, 0], middle_blk_num: 2, dec_blk_nums: [0, 1] };

test('has the parameters and the output of the reference', async () => {
  expect(await agreesWithReference('nafnet')).toBe(true);
});

test('has the published numbers of parameters', () => {
  const gopro = { middle_blk_num: 1, enc_blk_nums: [1, 1, 1, 28], dec_blk_nums: [1, 1, 1, 1] };
  expect(parametersOf(nafnet, { ...gopro, width: 32 }).count).toBe(17_111_907);
  expect(parametersOf(nafnet, { ...gopro, width: 64 }).count).toBe(67_888_835);
});

test('counts decoders from the coarsest level', () => {
  const { names } = parametersOf(nafnet, small);
  expect(names).toContain('encoders.0.0.beta');
  expect(names).toContain('decoders.1.0.sca.1.weight');
  expect(names.filter((name) => /^(encoders\.1|decoders\.0)\./.test(name))).toEqual([]);
});

test.each([
  [1, 1],
  [2, 7],
  [9, 6],
])('an image of %i x %i is filled up with zeros and cropped back', async (height, width) => {
  const image = sample([2, 3, height, width], 3, { low: 0 });
  const [rows, columns] = [4 * Math.ceil(height / 4), 4 * Math.ceil(width / 4)];
  const filledUp = filled([2, 3, rows, columns], (...place) =>
    place[2]! < height && place[3]! < width ? at(image, ...place) : 0,
  );
  const whole = await madeUpOutput(nafnet, small, [filledUp]);
  const expected = filled(image.shape, (...place) => at(whole, ...place));
  expectClose(await madeUpOutput(nafnet, small, [image]), expected);
});

test('every pixel matters everywhere, so that there is no receptive radius', async () => {
  const image = sample([1, 3, 64, 64], 4, { low: 0 });
  const json = { width: 4 };
  const reach = await reachOf(nafnet, json, [image], { input: 0, place: [0, 0] });
  expect(reach).toBe(63);
  expect(nafnet.receptiveRadius(parseConfiguration(nafnet, json))).toBeUndefined();
});

test('images of a batch do not touch each other', async () => {
  const both = sample([2, 3, 8, 4], 5, { low: 0 });
  const together = await madeUpOutput(nafnet, small, [both]);
  for (const n of [0, 1]) {
    const image = filled([1, 3, 8, 4], (_, ...place) => at(both, n, ...place));
    expectClose(
      await madeUpOutput(nafnet, small, [image]),
      filled(image.shape, (_, ...place) => at(together, n, ...place)),
    );
  }
});

test('serves as a restorer', () => {
  const config = parseConfiguration(nafnet, small);
  const image = input('image', [1, 3, 8, 8]);
  expect(buildRestorer(nafnet, config, new ParameterScope(), image).shape).toEqual([1, 3, 8, 8]);
});

test.each([
  [{ ...small, img_channel: 0 }, 'img_channel'],
  [{ ...small, enc_blk_nums: [1] }, 'dec_blk_nums'],
  [{ ...small, enc_blk_nums: [1, -1] }, 'enc_blk_nums.1'],
  [{ ...small, width: 1.5 }, 'width'],
  [{ ...small, middle: 1 }, 'middle'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(nafnet, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(nafnet, json)).toThrow(name);
});

test('refuses other channels', () => {
  const config = parseConfiguration(nafnet, small);
  const build = () => nafnet.build(config, new ParameterScope(), [input('x', [1, 4, 8, 8])]);
  expect(build).toThrow('nafnet input: expected 3 channels, received 4');
});
