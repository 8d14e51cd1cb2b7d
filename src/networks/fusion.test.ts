import { expect, test } from 'vitest';
import { madeUpParameter } from '../conformance/network-case.js';
import { ParameterScope } from '../graph/index.js';
import { asInputs, evaluate } from '../graph/testing/evaluate.js';
import { sample } from '../graph/testing/tensors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { fusion } from './fusion.js';
import { parseConfiguration } from './network.js';
import { agreesWithReference, madeUpOutput, parametersOf, reachOf } from './testing/networks.js';

const small = { features: 4, growth: 2, unshuffle: 2, residual: true };
const inputs = (height: number, width: number, t = 7): Tensor[] => [
  sample([1, 3, height, width], 1, { low: 0 }),
  sample([1, 3, height, width], 2, { low: 0 }),
  tensor([1], [t]),
];

test('the paper’s fusion network has 731,267 parameters', () => {
  expect(parametersOf(fusion, {}).count).toBe(731_267);
});

test.each(['fusion-step', 'fusion-step-narrow'])('%s agrees with the reference', async (name) => {
  expect(await agreesWithReference(name)).toBe(true);
});

test('the two parts together are the whole, and the first needs only the restored image', async () => {
  for (const json of [{ features: 4, growth: 2 }, small]) {
    const config = parseConfiguration(fusion, json);
    const scope = new ParameterScope();
    const { values, feeds } = asInputs(inputs(6, 8));
    const known = fusion.split!.precompute(config, scope, values[0]!);
    const parts = fusion.split!.finish(config, scope, known, values);
    const whole = fusion.build(config, scope, values);
    const weights = new Map<string, Tensor>();
    for (const [name, { shape }] of scope.declared())
      weights.set(name, madeUpParameter(name, shape));
    const results = await evaluate({ parts, whole }, feeds, weights);
    expect([...results.parts!.data]).toEqual([...results.whole!.data]);
    const alone = asInputs(inputs(6, 8).slice(0, 1));
    const again = fusion.split!.precompute(config, new ParameterScope(), alone.values[0]!);
    expect((await evaluate({ again }, alone.feeds, weights)).again!.shape).toEqual(known.shape);
  }
});

test('the timestep decides what comes out', async () => {
  const early = await madeUpOutput(fusion, small, inputs(4, 4, 1));
  const late = await madeUpOutput(fusion, small, inputs(4, 4, 200));
  expect(early.data.some((value, index) => Math.abs(value - late.data[index]!) > 1e-3)).toBe(true);
});

test.each([
  [1, 1],
  [5, 7],
])('images of %i x %i keep their size', async (height, width) => {
  expect((await madeUpOutput(fusion, small, inputs(height, width))).shape).toEqual([
    1,
    3,
    height,
    width,
  ]);
});

test('no pixel of either image matters beyond the receptive radius', async () => {
  const radius = fusion.receptiveRadius(parseConfiguration(fusion, small))!;
  const side = 2 * Math.ceil(1.5 * radius);
  for (const input of [0, 1]) {
    const place = [side / 2, side / 2 + 1] as const;
    const reach = await reachOf(fusion, small, inputs(side, side), { input, place });
    expect(reach).toBeLessThanOrEqual(radius);
    expect(reach).toBeGreaterThan(radius / 2);
  }
});

test('an odd number of features is refused, since half are cosines and half sines', () => {
  expect(() => parseConfiguration(fusion, { features: 5 })).toThrow(ParameterError);
});
