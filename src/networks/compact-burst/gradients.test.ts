import { madeUpParameter } from '../../conformance/made-up-weights.js';
import { ParameterScope, type Value, gradients, input, mul, reduceMean } from '../../graph/index.js';
import { compile } from '../../graph/testing/evaluate.js';
import { sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { compactBurst } from '../compact-burst.js';
import { parseConfiguration } from '../configuration.js';
import { expect, test } from 'vitest';

const config = parseConfiguration(compactBurst, {
  scale: 1,
  features: 4,
  encoderBlocks: 1,
  trunkFeatures: 4,
  trunkBlocks: 1,
  flowLevels: 2,
  window: 1,
});

test('gradients of picture and flow agree with differences along every parameter', async () => {
  const burst = sample([1, 3, 4, 6, 6], 4, { low: 0.1 });
  const scope = new ParameterScope();
  const { output, flows } = compactBurst.buildWithFlow!(config, scope, [input('x', burst.shape)]);
  const squares = (value: Value): Value =>
    reduceMean(
      mul(value, value),
      value.shape.map((_, axis) => axis),
      false,
    );
  const trained = [...scope.declared()];
  const weights = new Map<string, Tensor>(
    trained.map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
  const outputs = { a: squares(output), b: squares(flows) };
  const values = trained.map(([, value]) => value);
  const slopes = Object.fromEntries(
    ['a', 'b'].flatMap((key) =>
      gradients(outputs[key as 'a' | 'b'], values).map((slope, at) => [`${key}${at}`, slope]),
    ),
  );
  const forward = await compile(outputs);
  const backward = await compile(slopes);
  const feeds = { x: burst, ...Object.fromEntries(weights) };
  const computed = await backward.run(feeds);
  let judged = 0;
  for (const [at, [name, { shape }]] of trained.entries()) {
    const direction = sample(shape, 90 + at);
    const moved = async (step: number) =>
      forward.run({
        ...feeds,
        [name]: tensor(
          shape,
          weights.get(name)!.data.map((value, place) => value + step * direction.data[place]!),
        ),
      });
    for (const key of ['a', 'b'] as const) {
      const claimed = computed[`${key}${at}`]!.data.reduce(
        (sum, value, place) => sum + value * direction.data[place]!,
        0,
      );
      const differences: number[] = [];
      for (const step of [1 / 1024, 1 / 2048]) {
        const [up, down] = [await moved(step), await moved(-step)];
        differences.push((up[key]!.data[0]! - down[key]!.data[0]!) / (2 * step));
      }
      const [coarse, fine] = differences as [number, number];
      // A kink on the way: rectifiers, or a sample that another one becomes nearer than.
      if (Math.abs(coarse - fine) > 0.02 * Math.abs(fine) + 2e-4) continue;
      judged += 1;
      expect(Math.abs(claimed - fine), `${name} for ${key}`).toBeLessThan(
        0.02 * Math.abs(fine) + 2e-3,
      );
    }
  }
  expect(judged).toBeGreaterThan(trained.length);
  await forward.release();
  await backward.release();
});
