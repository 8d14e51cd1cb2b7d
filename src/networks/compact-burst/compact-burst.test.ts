import { expect, test } from 'vitest';
import { madeUpParameter } from '../../conformance/network-case.js';
import {
  gradients,
  input,
  mul,
  ParameterScope,
  reduceMean,
  type Value,
} from '../../graph/index.js';
import { asInputs, compile, evaluateOn } from '../../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { parseConfiguration } from '../network.js';
import { madeUpOutput, parametersOf } from '../testing/networks.js';
import { compactBurst } from './compact-burst.js';
import { demosaicked } from './demosaic.js';

const small = {
  scale: 2,
  features: 4,
  encoderBlocks: 1,
  trunkFeatures: 6,
  trunkBlocks: 1,
  flowLevels: 2,
  maxFlow: 3,
  window: 1,
};

/** Outputs and flows with made-up weights. */
async function madeUpFlow(json: unknown, burst: Tensor): Promise<Record<string, Tensor>> {
  const scope = new ParameterScope();
  const { values, feeds } = asInputs([burst]);
  const config = parseConfiguration(compactBurst, json);
  const built = compactBurst.buildWithFlow!(config, scope, values);
  const weights = new Map<string, Tensor>();
  for (const [name, { shape }] of scope.declared()) weights.set(name, madeUpParameter(name, shape));
  const compiled = await compile({ ...built } as Record<string, Value>, weights);
  const result = await compiled.run(feeds);
  await compiled.release();
  return result;
}

/** The frames `order` of a burst [1, F, 4, h, w]. */
function frames({ shape, data }: Tensor, order: readonly number[]): Tensor {
  const size = data.length / shape[1]!;
  const chosen = new Float32Array(order.length * size);
  for (const [place, frame] of order.entries())
    chosen.set(data.subarray(frame * size, (frame + 1) * size), place * size);
  return tensor([1, order.length, ...shape.slice(2)], chosen);
}

function largestDifference(a: Tensor, b: Tensor): number {
  return a.data.reduce((most, value, at) => Math.max(most, Math.abs(value - b.data[at]!)), 0);
}

test.each([1, 2, 4])('bursts of any size and number of frames grow by %i', async (scale) => {
  for (const [count, height, width] of [
    [1, 5, 3],
    [2, 1, 1],
    [5, 7, 10],
  ] as const) {
    const burst = sample([2, count, 4, height, width], 5, { low: 0 });
    const output = await madeUpOutput(compactBurst, { ...small, scale }, [burst]);
    expect(output.shape).toEqual([2, 3, 2 * scale * height, 2 * scale * width]);
    expect(output.data.every(Number.isFinite)).toBe(true);
    if (count === 1) continue;
    const { flows } = await madeUpFlow({ ...small, scale }, burst);
    expect(flows!.shape).toEqual([2, count - 1, 2, height, width]);
  }
});

test('the number of frames and the ways of registering them have no part in the weights', () => {
  const changed = { ...small, frames: 3, flowLevels: 4, maxFlow: 20, window: 5 };
  expect(parametersOf(compactBurst, changed)).toEqual(parametersOf(compactBurst, small));
  const config = parseConfiguration(compactBurst, small);
  const longer = compactBurst.withFrames!(config, 5);
  expect(compactBurst.inputShapes(longer, { batch: 2, height: 6, width: 4 })).toEqual([
    [2, 5, 4, 6, 4],
  ]);
});

test('frames may come in any order after the reference', async () => {
  const burst = sample([1, 4, 4, 9, 8], 6, { low: 0 });
  const output = await madeUpOutput(compactBurst, small, [burst]);
  const other = await madeUpOutput(compactBurst, small, [frames(burst, [0, 3, 1, 2])]);
  expectClose(other, output, 1e-5);
  const exchanged = await madeUpOutput(compactBurst, small, [frames(burst, [1, 0, 2, 3])]);
  expect(largestDifference(exchanged, output)).toBeGreaterThan(1e-3);
});

test('bursts of a batch do not touch each other', async () => {
  const both = sample([2, 3, 4, 6, 8], 7, { low: 0 });
  const together = await madeUpOutput(compactBurst, small, [both]);
  const half = both.data.length / 2;
  for (const n of [0, 1]) {
    const one = tensor([1, 3, 4, 6, 8], both.data.slice(n * half, (n + 1) * half));
    const alone = await madeUpOutput(compactBurst, small, [one]);
    const size = together.data.length / 2;
    const part = tensor(alone.shape, together.data.slice(n * size, (n + 1) * size));
    expectClose(alone, part, 1e-5);
  }
});

test('every frame counts', async () => {
  const burst = sample([1, 3, 4, 8, 8], 8, { low: 0.1 });
  const before = await madeUpOutput(compactBurst, small, [burst]);
  const size = burst.data.length / 3;
  for (const frame of [0, 1, 2]) {
    const data = burst.data.slice();
    for (let at = frame * size; at < (frame + 1) * size; at += 1) data[at]! *= 0.5;
    const after = await madeUpOutput(compactBurst, small, [tensor(burst.shape, data)]);
    expect(largestDifference(after, before)).toBeGreaterThan(1e-4);
  }
});

test.each([
  [{}, 'input'],
  [{ scale: 3 }, 'scale'],
  [{ features: 3 }, 'features'],
  [{ maxFlow: 0 }, 'maxFlow'],
  [{ burst_size: 3 }, 'burst_size'],
])('refuses %j by name', (json, name) => {
  const build = () => {
    const config = parseConfiguration(compactBurst, json);
    const { values } = asInputs([tensor([1, 2, 3, 8, 8])]);
    compactBurst.build(config, new ParameterScope(), values);
  };
  expect(build).toThrow(ParameterError);
  expect(build).toThrow(name);
});

test('the demosaicked reference has the samples in their places, and planes as they are', async () => {
  const plane = (y: number, x: number, colour: number) => 0.2 + 0.03 * y + 0.05 * x + 0.1 * colour;
  const packed = tensor([1, 4, 6, 5]);
  for (let at = 0; at < packed.data.length; at += 1) {
    const [channel, row, column] = [Math.floor(at / 30), Math.floor(at / 5) % 6, at % 5];
    const [y, x] = [2 * row + (channel >> 1), 2 * column + (channel & 1)];
    packed.data[at] = plane(y, x, channel === 0 ? 0 : channel === 3 ? 2 : 1);
  }
  for (const scale of [1, 2, 4]) {
    const { shape, data } = await evaluateOn((x) => demosaicked(x!, scale), [packed]);
    expect(shape).toEqual([1, 3, 12 * scale, 10 * scale]);
    const [height, width] = [12 * scale, 10 * scale];
    for (let colour = 0; colour < 3; colour += 1)
      for (let y = 2 * scale; y < height - 3 * scale; y += 1)
        for (let x = 2 * scale; x < width - 3 * scale; x += 1)
          expect(data[(colour * height + y) * width + x]).toBeCloseTo(
            plane(y / scale, x / scale, colour),
            5,
          );
  }
});

test('without trained detail the image of a single frame is its demosaicked samples', async () => {
  const config = parseConfiguration(compactBurst, small);
  const burst = sample([1, 1, 4, 6, 6], 9, { low: 0 });
  const scope = new ParameterScope();
  const { values, feeds } = asInputs([burst]);
  const y = compactBurst.build(config, scope, values);
  const weights = new Map<string, Tensor>();
  for (const [name, { shape }] of scope.declared())
    weights.set(name, name.startsWith('tail.last') ? tensor(shape) : madeUpParameter(name, shape));
  const compiled = await compile({ y }, weights);
  const output = (await compiled.run(feeds)).y!;
  const reference = tensor([1, 4, 6, 6], burst.data);
  expectClose(output, await evaluateOn((x) => demosaicked(x!, 2), [reference]), 1e-5);
  await compiled.release();
});

test('equal frames have one flow', async () => {
  const one = sample([1, 1, 4, 8, 8], 10, { low: 0 });
  const { flows } = await madeUpFlow(small, frames(one, [0, 0, 0]));
  const half = flows!.data.length / 2;
  expectClose(
    tensor([half], flows!.data.slice(0, half)),
    tensor([half], flows!.data.slice(half)),
    1e-5,
  );
});

const near = {
  scale: 1,
  features: 4,
  encoderBlocks: 0,
  trunkFeatures: 4,
  trunkBlocks: 0,
  flowLevels: 1,
  window: 0.5,
  maxFlow: 1,
};

test.each([near, { ...near, flowLevels: 2, encoderBlocks: 1, maxFlow: 2 }])(
  'a tile with the receptive radius around it gives the pixels of the whole: %o',
  async (json) => {
    const config = parseConfiguration(compactBurst, json);
    const radius = compactBurst.receptiveRadius(config)!;
    const { multiple } = compactBurst.sizeRule(config);
    const start = 4 * multiple;
    const inside = 4;
    const side = 2 * Math.ceil((start + inside + 2 * radius) / 2);
    const burst = sample([1, 3, 4, side, side], 3, { low: 0 });
    const whole = await madeUpOutput(compactBurst, json, [burst]);
    const [rows, columns] = [start + radius + inside, side - start];
    // Up to the first rows and to the last columns.
    const tile = filled([1, 3, 4, rows, columns], (n, frame, channel, y, x) =>
      at(burst, n!, frame!, channel!, y!, start + x!),
    );
    const part = await madeUpOutput(compactBurst, json, [tile]);
    const scale = compactBurst.scale(config);
    const height = rows - radius;
    const width = columns - radius;
    expect(Math.min(height, width)).toBeGreaterThanOrEqual(inside);
    const shape = [1, 3, scale * height, scale * width];
    const expected = filled(shape, (n, colour, y, x) =>
      at(whole, n!, colour!, y!, scale * (start + radius) + x!),
    );
    const found = filled(shape, (n, colour, y, x) =>
      at(part, n!, colour!, y!, scale * radius + x!),
    );
    // Places count from the middle of the image: flows in noise differ by rounding.
    expectClose(found, expected, 1e-3);
  },
);

test('wide windows reach further than any margin', () => {
  const config = parseConfiguration(compactBurst, {});
  expect(compactBurst.receptiveRadius(config)).toBeUndefined();
});

const config = parseConfiguration(compactBurst, {
  scale: 1,
  features: 4,
  encoderBlocks: 1,
  trunkFeatures: 4,
  trunkBlocks: 1,
  flowLevels: 2,
  window: 1,
});

test('gradients of image and flow agree with differences along every parameter', async () => {
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
