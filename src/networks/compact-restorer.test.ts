import { expect, test } from 'vitest';
import { resizeBilinear } from '../graph/index.js';
import { evaluateOn } from '../graph/testing/evaluate.js';
import { sample } from '../graph/testing/tensors.js';
import { compactRestorer } from './compact-restorer.js';
import { parseConfiguration } from './network.js';
import { madeUpOutput, parametersOf, reachOf } from './testing/networks.js';

const small = { scale: 4, features: 4, blocks: 2 };

test('the default configuration stays below 0.4 million parameters', () => {
  expect(parametersOf(compactRestorer, {}).count).toBeLessThan(0.4e6);
});

test.each([2, 3, 4])('images of any size grow by %i', async (scale) => {
  for (const [height, width] of [
    [1, 1],
    [5, 3],
  ] as const) {
    const image = sample([2, 3, height, width], 5, { low: 0 });
    const output = await madeUpOutput(compactRestorer, { ...small, scale }, [image]);
    expect(output.shape).toEqual([2, 3, height * scale, width * scale]);
  }
});

test('the network only adds detail to the bilinear enlargement', async () => {
  const image = sample([1, 3, 6, 5], 6, { low: 0 });
  const output = await madeUpOutput(compactRestorer, small, [image]);
  const base = await evaluateOn((x) => resizeBilinear(x!, [24, 20]), [image]);
  const difference = output.data.map((value, index) => Math.abs(value - base.data[index]!));
  expect(Math.max(...difference)).toBeGreaterThan(0);
  expect(Math.max(...difference)).toBeLessThan(3);
});

test.each([small, { scale: 2, features: 3, blocks: 1 }])(
  'no pixel beyond the receptive radius matters, and one at it does: %o',
  async (json) => {
    const radius = compactRestorer.receptiveRadius(parseConfiguration(compactRestorer, json))!;
    const side = 3 * radius;
    const image = sample([1, 3, side, side], 7, { low: 0 });
    const place = [Math.floor(side / 2), Math.floor(side / 2)] as const;
    const reach = await reachOf(compactRestorer, json, [image], { input: 0, place });
    expect(reach).toBe(radius);
  },
);
