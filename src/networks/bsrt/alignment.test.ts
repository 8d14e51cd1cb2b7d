import { expect, test } from 'vitest';
import { input, ParameterScope } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { opticalFlows } from './alignment.js';

const LAST_BIAS = 'basic_module.8.bias';

/** Full, half and quarter flows between two images when all weights but `changed` are 0. */
async function flowsWith(changed: Record<string, number[]>, height: number, width: number) {
  const scope = new ParameterScope();
  const names = ['full', 'half', 'quarter'] as const;
  const shape = [2, 3, height, width];
  const flows = opticalFlows(scope, input('reference', shape), input('other', shape));
  const weights = new Map<string, Tensor>();
  for (const [name, { shape: of }] of scope.declared())
    weights.set(name, tensor(of, changed[name]));
  const outputs = Object.fromEntries(names.map((name, place) => [name, flows[place]!]));
  const feeds = { reference: sample(shape, 1), other: sample(shape, 2) };
  return evaluate(outputs, feeds, weights) as Promise<Record<(typeof names)[number], Tensor>>;
}

function constantFlow(height: number, width: number, across: number, down: number): Tensor {
  return filled([2, 2, height, width], (_, part) => (part === 0 ? across : down));
}

test('what each size finds is added, in pixels of each size', async () => {
  const found = await flowsWith(
    {
      [`basic_module.0.${LAST_BIAS}`]: [0.25, -0.5],
      [`basic_module.4.${LAST_BIAS}`]: [1, 3],
    },
    32,
    64,
  );
  expectClose(found.quarter, constantFlow(8, 16, 8 * 0.25, 8 * -0.5));
  expectClose(found.half, constantFlow(16, 32, 16 * 0.25 + 1, 16 * -0.5 + 3));
  expectClose(found.full, constantFlow(32, 64, 32 * 0.25 + 2, 32 * -0.5 + 6));
});

test('images are stretched to multiples of 32, their flows shrunk back', async () => {
  const found = await flowsWith({ [`basic_module.5.${LAST_BIAS}`]: [3, -2] }, 20, 40);
  expectClose(found.full, constantFlow(20, 40, (3 * 40) / 64, (-2 * 20) / 32));
  expectClose(found.half, constantFlow(10, 20, 0, 0));
  expect(found.quarter.shape).toEqual([2, 2, 5, 10]);
});

test('the flow of a pair does not depend on the other pairs of a batch', async () => {
  const scope = new ParameterScope();
  opticalFlows(scope, input('reference', [1, 3, 16, 16]), input('other', [1, 3, 16, 16]));
  const weights = new Map(
    [...scope.declared()].map(([name, { shape }], seed) => [
      name,
      sample(shape, seed + 1, { low: -0.05, high: 0.05 }),
    ]),
  );
  const both = ['reference', 'other'].map((name, seed) => [name, sample([2, 3, 16, 16], seed)]);
  const part = (value: Tensor, n: number): Tensor => {
    const size = value.data.length / 2;
    return tensor([1, ...value.shape.slice(1)], value.data.slice(n * size, (n + 1) * size));
  };
  const flowOf = async (feeds: Record<string, Tensor>): Promise<Tensor> => {
    const [reference, other] = ['reference', 'other'].map((name) =>
      input(name, feeds[name]!.shape),
    );
    const [full] = opticalFlows(new ParameterScope(), reference!, other!);
    return (await evaluate({ full }, feeds, weights)).full!;
  };
  const together = await flowOf(Object.fromEntries(both) as Record<string, Tensor>);
  for (const n of [0, 1]) {
    const alone = both.map(([name, value]) => [name, part(value as Tensor, n)]);
    expectClose(
      await flowOf(Object.fromEntries(alone) as Record<string, Tensor>),
      part(together, n),
      1e-5,
    );
  }
});
