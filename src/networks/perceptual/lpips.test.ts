import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCase } from '../../conformance/case.js';
import { madeUpPerceptualWeights } from '../../conformance/kinds/perceptual.js';
import { ParameterScope } from '../../graph/index.js';
import { asInputs, evaluate } from '../../graph/testing/evaluate.js';
import { filled, sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { agreesWithReference } from '../testing/networks.js';
import { lpipsAlex, lpipsSqueeze, lpipsVgg } from './lpips.js';

const all = [lpipsAlex, lpipsVgg, lpipsSqueeze];

async function scores(network: typeof lpipsAlex, a: Tensor, b: Tensor): Promise<Tensor> {
  const { values, feeds } = asInputs([a, b]);
  const scope = new ParameterScope();
  const y = network.build({}, scope, values);
  return (await evaluate({ y }, feeds, madeUpPerceptualWeights(network, scope))).y!;
}

test.each(all)('$name has the parameters and the score of the reference', async ({ name }) => {
  expect(await agreesWithReference(name)).toBe(true);
});

test.each([
  ['lpips-alex', 31],
  ['lpips-vgg', 16],
  ['lpips-squeeze', 17],
] as const)('%s takes images of at least %i pixels', async (name, side) => {
  const network = all.find((each) => each.name === name)!;
  expect(network.sizeRule({}).minimum).toBe(side);
  const image = (extent: number) => sample([1, 3, extent, extent + 1], 1, { low: 0 });
  const { data } = await scores(network, image(side), image(side));
  expect([...data]).toEqual([0]);
  const { values } = asInputs([image(side - 1), image(side - 1)]);
  expect(() => network.build({}, new ParameterScope(), values)).toThrow(ParameterError);
});

test.each(all)(
  '$name is symmetric, and each pair of a batch has its own score',
  async (network) => {
    const a = sample([2, 3, 33, 40], 1, { low: 0 });
    const b = filled(a.shape, (n, c, row, column) => {
      const value = a.data[((n! * 3 + c!) * 33 + row!) * 40 + column!]!;
      return n === 0 ? value : 1 - value;
    });
    const { shape, data } = await scores(network, a, b);
    expect(shape).toEqual([2]);
    expect(data[0]).toBe(0);
    expect(data[1]).toBeGreaterThan(1e-4);
    expect((await scores(network, b, a)).data[1]).toBeCloseTo(data[1]!, 7);
  },
);

test('black images have a score: features of length zero divide nothing', async () => {
  const black = tensor([1, 3, 32, 32]);
  expect([...(await scores(lpipsVgg, black, black)).data]).toEqual([0]);
});

test('two images of different sizes are refused', () => {
  const { values } = asInputs([tensor([1, 3, 40, 40]), tensor([1, 3, 40, 41])]);
  const build = () => lpipsAlex.build({}, new ParameterScope(), values);
  expect(build).toThrow(ParameterError);
  expect(build).toThrow('reference: expected the image');
});

test.each(all)('$name knows its own state dictionary among the others', async (network) => {
  for (const { name } of all) {
    const json = fileURLToPath(new URL(`../../../conformance/${name}.json`, import.meta.url));
    const { json: content } = await loadCase({ name, json });
    const state = new Map(Object.entries(content.state_dict as Record<string, number[]>));
    const expected = name === network.name ? {} : undefined;
    expect(network.configure!(state)).toEqual(expected);
    const later = new Map(
      [...state].map(([key, shape]) => [key.replace(/^lin(\d)/, 'lins.$1'), shape]),
    );
    expect(network.configure!(later)).toEqual(expected);
    state.delete('lin2.model.1.weight');
    expect(network.configure!(state)).toBeUndefined();
  }
});

test('each head may go by its second name', () => {
  expect([...lpipsAlex.aliases!({})]).toContainEqual([
    'lins.4.model.1.weight',
    'lin4.model.1.weight',
  ]);
  expect(lpipsSqueeze.aliases!({}).size).toBe(7);
});
