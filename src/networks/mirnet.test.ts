import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { sizeOf } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { mirnet } from './mirnet.js';
import { parseConfiguration } from './network.js';
import { agreesWithReference, madeUpOutput } from './testing/networks.js';

test.each([
  'mirnet',
  'mirnet-s',
  'mirnet-s-3ch',
  'mirnet-4-scales',
  'mirnet-1-column',
  'mirnet-3-columns',
])('%s has the parameters and the output of the reference', async (name) => {
  expect(await agreesWithReference(name)).toBe(true);
});

const small = { n_feat: 8, n_RRG: 1, n_MSRB: 1, height: 3, width: 2 };

function parameterCount(json: unknown): number {
  const scope = new ParameterScope();
  const config = parseConfiguration(mirnet, json);
  const shape = mirnet.inputShapes(config, { batch: 1, height: 8, width: 8 })[0]!;
  mirnet.build(config, scope, [input('x', shape)]);
  return [...scope.declared().values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

test('has the published numbers of parameters', () => {
  expect(parameterCount({})).toBe(31_787_419);
  expect(parameterCount({ n_MSRB: 1, in_channels: 4 })).toBe(15_951_310);
});

test('further columns bring no further parameters', () => {
  expect(parameterCount({ ...small, width: 4 })).toBe(parameterCount({ ...small, width: 1 }));
});

test.each([
  [1, 1],
  [2, 7],
  [9, 4],
])(
  'an image of %i x %i is mirrored to multiples of four and cropped back',
  async (height, width) => {
    const image = sample([1, 3, height, width], 3, { low: 0 });
    const [rows, columns] = [4 * Math.ceil(height / 4), 4 * Math.ceil(width / 4)];
    const mirror = (place: number, extent: number): number =>
      extent === 1 ? 0 : Math.abs(((place + extent - 1) % (2 * extent - 2)) - (extent - 1));
    const mirrored = filled([1, 3, rows, columns], (_, c, row, column) =>
      at(image, 0, c!, mirror(row!, height), mirror(column!, width)),
    );
    const whole = await madeUpOutput(mirnet, small, [mirrored]);
    const expected = filled(image.shape, (n, c, row, column) => at(whole, n!, c!, row!, column!));
    expectClose(await madeUpOutput(mirnet, small, [image]), expected);
  },
);

test('images of a batch do not touch each other', async () => {
  const json = { ...small, in_channels: 4 };
  const both = sample([2, 4, 4, 8], 5, { low: 0 });
  const together = await madeUpOutput(mirnet, json, [both]);
  for (const n of [0, 1]) {
    const image = filled([1, 4, 4, 8], (_, ...place) => at(both, n, ...place));
    expectClose(
      await madeUpOutput(mirnet, json, [image]),
      filled([1, 3, 4, 8], (_, ...place) => at(together, n, ...place)),
    );
  }
});

test('names of a checkpoint that repeat a parameter point to one that is declared', () => {
  const config = parseConfiguration(mirnet, { ...small, width: 3 });
  const scope = new ParameterScope();
  mirnet.build(config, scope, [input('x', [1, 3, 4, 4])]);
  const aliases = mirnet.aliases!(config);
  expect(aliases.size).toBe(3 * 7 * 3 - (3 * 6 + 1));
  for (const [alias, name] of aliases) {
    expect(scope.declared().has(alias)).toBe(false);
    expect(scope.declared().has(name)).toBe(true);
  }
});

test.each([
  [{ ...small, in_channels: 2 }, 'in_channels'],
  [{ ...small, stride: 1.5 }, 'stride'],
  [{ ...small, kernel_size: 4 }, 'kernel_size'],
  [{ ...small, n_feat: 4 }, 'n_feat'],
  [{ ...small, height: 0 }, 'height'],
  [{ ...small, features: 8 }, 'features'],
])('refuses the configuration %j by name', (json, name) => {
  expect(() => parseConfiguration(mirnet, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(mirnet, json)).toThrow(name);
});

test('refuses other channels', () => {
  const config = parseConfiguration(mirnet, small);
  const build = () => mirnet.build(config, new ParameterScope(), [input('x', [1, 4, 8, 8])]);
  expect(build).toThrow('mirnet input: expected 3 channels, received 4');
});
