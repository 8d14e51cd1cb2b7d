import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { ParameterError } from '../utils/errors.js';
import { parseConfiguration } from './network.js';
import { rrdb } from './rrdb.js';
import {
  agreesWithReference,
  madeUpOutput,
  mirroredToMultiple,
  parametersOf,
  reachOf,
} from './testing/networks.js';

const small = { num_feat: 4, num_block: 1, num_grow_ch: 2 };

test('has the parameters and the output of the reference', async () => {
  expect(await agreesWithReference('rrdb')).toBe(true);
});

test('has the published numbers of parameters', () => {
  expect(parametersOf(rrdb, {}).count).toBe(16_697_987);
  expect(parametersOf(rrdb, { scale: 2 }).count).toBe(16_703_171);
  expect(parametersOf(rrdb, { num_block: 6 }).count).toBe(4_467_779);
});

test.each([1, 2, 4])('images of any size grow by %i', async (scale) => {
  for (const [height, width] of [
    [1, 1],
    [5, 3],
  ] as const) {
    const image = sample([2, 3, height, width], 1, { low: 0 });
    const output = await madeUpOutput(rrdb, { ...small, scale }, [image]);
    expect(output.shape).toEqual([2, 3, height * scale, width * scale]);
  }
});

test('an image that does not fold is mirrored first and cropped last', async () => {
  const image = sample([1, 3, 5, 6], 2, { low: 0 });
  const json = { ...small, scale: 1 };
  const whole = await madeUpOutput(rrdb, json, [mirroredToMultiple(image, 4)]);
  const expected = filled(image.shape, (...place) => at(whole, ...place));
  expectClose(await madeUpOutput(rrdb, json, [image]), expected);
});

test.each([small, { ...small, scale: 2 }, { ...small, scale: 1 }])(
  'no pixel beyond the receptive radius matters, and one near it does: %o',
  async (json) => {
    const radius = rrdb.receptiveRadius(parseConfiguration(rrdb, json))!;
    const side = 8 * Math.ceil((2.5 * radius) / 8);
    const image = sample([1, 3, side, side], 3, { low: 0 });
    const place = [side / 2, side / 2] as const;
    const reach = await reachOf(rrdb, json, [image], { input: 0, place });
    expect(reach).toBeLessThanOrEqual(radius);
    expect(reach).toBeGreaterThan(0.6 * radius);
  },
);

test('each parameter has one name in each older form of the checkpoint', () => {
  const config = parseConfiguration(rrdb, { ...small, num_block: 2 });
  const { names } = parametersOf(rrdb, { ...small, num_block: 2 });
  const older = [...rrdb.olderNames!(config)];
  const first = new Map(older.filter(([name]) => name.startsWith('model.')));
  expect(first.get('model.1.sub.1.RDB3.conv5.0.weight')).toBe('body.1.rdb3.conv5.weight');
  expect(first.get('model.1.sub.2.bias')).toBe('conv_body.bias');
  expect(first.get('model.10.weight')).toBe('conv_last.weight');
  expect([...first.values()].sort()).toEqual([...names].sort());
  const second = new Map(older.filter(([name]) => !first.has(name)));
  expect(second.get('RRDB_trunk.1.RDB3.conv5.weight')).toBe('body.1.rdb3.conv5.weight');
  expect(second.get('HRconv.bias')).toBe('conv_hr.bias');
  const kept = ['conv_first', 'conv_last'].flatMap((name) => [`${name}.weight`, `${name}.bias`]);
  expect([...second.values(), ...kept].sort()).toEqual([...names].sort());
});

test.each([
  [{ ...small, scale: 3 }, 'scale'],
  [{ ...small, num_feat: 0 }, 'num_feat'],
  [{ ...small, num_block: 1.5 }, 'num_block'],
  [{ ...small, blocks: 1 }, 'blocks'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(rrdb, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(rrdb, json)).toThrow(name);
});

test('refuses other channels', () => {
  const config = parseConfiguration(rrdb, small);
  const build = () => rrdb.build(config, new ParameterScope(), [input('x', [1, 4, 8, 8])]);
  expect(build).toThrow('rrdb input: expected 3 channels, received 4');
});
