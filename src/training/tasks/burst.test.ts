import { expect, test } from 'vitest';
import { processToSrgb, unprocess } from '../../degradation/camera/camera.js';
import { buildTrainingStep, input } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import type { Dataset } from '../custom-parts.js';
import { defineTraining } from '../definition.js';
import { openSource } from '../photographs/photographs.js';
import { imageFolder } from '../testing/fixtures.js';
import { burstRecipe, restorerRecipe } from '../testing/recipes.js';
import { burstSuperResolution, flowError, squareRoot } from './burst.js';

const crop = 16;
const burst = { frames: 3, maxTranslation: 5, maxRotation: 0.5, noise: true };
const task = burstSuperResolution({ crop, scale: 2, burst });

function image(side: number, seed = 1): Tensor {
  const data = Float32Array.from({ length: 3 * side * side }, (_, i) => uniformAt(seed, 0, i));
  return tensor([3, side, side], data);
}

test('a sample is a burst of packed frames, its flow, its camera and the linear crop', () => {
  const whole = image(crop + 2 * task.margin);
  const { input: frames, target, extras, camera } = task.degrade(whole, { seed: 4, index: 1 });
  expect(frames.shape).toEqual([3, 4, 4, 4]);
  expect(frames.shape).toEqual(task.input.shape);
  expect(extras!.alignment!.shape).toEqual([2, 2, 4, 4]);
  const margin = task.margin;
  const side = crop + 2 * margin;
  const linear = unprocess(whole, camera!);
  for (let i = 0; i < target.data.length; i += 1) {
    const [plane, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
    expect(target.data[i]).toBe(linear.data[(plane * side + y + margin) * side + x + margin]);
  }
});

test('no frame shows the outside of the photograph, and the flow stays within the shake', () => {
  const white = tensor([3, crop + 2 * task.margin, crop + 2 * task.margin]);
  white.data.fill(0.6);
  const still = burstSuperResolution({ crop, scale: 2, burst: { ...burst, noise: false } });
  for (let index = 0; index < 50; index += 1) {
    const { input: frames, extras } = still.degrade(white, { seed: 1, index });
    const { data } = frames;
    for (let plane = 0; plane < 4; plane += 1)
      for (let i = 0; i < data.length; i += 1)
        if (Math.floor(i / 16) % 4 === plane)
          expect(Math.abs(data[i]! - data[plane * 16]!)).toBeLessThan(1e-6);
    for (const value of extras!.alignment!.data) expect(Math.abs(value)).toBeLessThan(3.5);
  }
});

test('a burst is a function of image, seed and index, each of which changes it', () => {
  const whole = image(crop + 2 * task.margin);
  const made = task.degrade(whole, { seed: 4, index: 1 });
  expect(task.degrade(whole, { seed: 4, index: 1 })).toEqual(made);
  for (const place of [
    { seed: 5, index: 1 },
    { seed: 4, index: 2 },
  ])
    expect(task.degrade(whole, place).camera).not.toEqual(made.camera);
});

test('the image of a target is its sRGB crop where nothing saturates', () => {
  const dim = image(crop + 2 * task.margin, 3);
  for (const [i, value] of dim.data.entries()) dim.data[i] = 0.35 + 0.3 * value;
  const sample = task.degrade(dim, { seed: 2, index: 0 });
  const seen = task.toImage(sample.target, sample);
  expect(seen).toEqual(processToSrgb(sample.target, sample.camera!));
  const middle = (crop + 2 * task.margin) * task.margin + task.margin;
  expect(seen.data[0]).toBeCloseTo(dim.data[middle]!, 2);
  expect(task.shown(sample).shape).toEqual([3, 8, 8]);
});

test('the median distance of flows', () => {
  const flows = tensor([1, 2, 2, 1, 2], [3, 0, 4, 0, 0, 0, 0, 1]);
  // Distances 5, 0; 0, 1.
  expect(flowError(flows, tensor([2, 2, 1, 2]))).toBeCloseTo(0.5);
});

test('square roots have the slope of their tangent below 0', async () => {
  const at = [-0.2, -0.1, 0, 0.03, 0.15];
  const x = input('x', [5]);
  const { y } = await evaluate({ y: squareRoot(x) }, { x: tensor([5], at) });
  const expected = at.map((v) => (v < 0 ? 0.1 + 5 * v : Math.sqrt(v + 0.01)));
  for (const [i, value] of expected.entries()) expect(y!.data[i]).toBeCloseTo(value, 6);
});

const data = await imageFolder([60, 44], [40, 70]);

test('the loss is the error in square roots plus the weighted error of the flow', async () => {
  const recipe = burstRecipe(data, { flowWeight: 0.5 });
  const definition = defineTraining(recipe, {});
  const feeds = (await definition.batch(await openSource(recipe), 1)) as Record<string, Tensor>;
  const weights = new Map(
    [...definition.trained].map(([name, value], i) => {
      const size = value.shape.reduce((product, extent) => product * extent, 1);
      const values = Float32Array.from({ length: size }, (_, k) => uniformAt(9, i, k) / 10 - 0.05);
      return [name, tensor(value.shape, values)];
    }),
  );
  const { loss, estimate, further } = definition;
  const outputs = { loss, estimate, flows: further!.flows! };
  const found = await evaluate(outputs, feeds, weights);
  const root = (v: number) => (v < 0 ? 0.1 + 5 * v : Math.sqrt(v + 0.01));
  const mean = (a: Tensor, b: Tensor, f: (v: number) => number) =>
    a.data.reduce((sum, v, i) => sum + Math.abs(f(v) - f(b.data[i]!)), 0) / a.data.length;
  const colour = mean(found.estimate!, feeds.target!, root);
  const flow = mean(found.flows!, feeds.alignment!, (v) => v);
  expect(flow).toBeGreaterThan(0);
  expect(found.loss!.data[0]).toBeCloseTo(colour + 0.5 * flow, 4);

  const linear = defineTraining(burstRecipe(data, { flowWeight: 0, lossSpace: 'linear' }), {});
  const plain = await evaluate({ loss: linear.loss, estimate: linear.estimate }, feeds, weights);
  expect(plain.loss!.data[0]).toBeCloseTo(
    mean(found.estimate!, feeds.target!, (v) => v),
    5,
  );
});

test('recipes and networks that do not fit bursts are refused by name', () => {
  const define = (changes: object) => () => defineTraining(burstRecipe(data, changes), {});
  expect(define({ crop: 18 })).toThrow('crop: expected a multiple of twice the scale, 4');
  expect(define({ network: 'nafnet', config: {} })).toThrow(
    'network: expected one that restores bursts of RAW frames',
  );
  expect(define({ config: { scale: 4, features: 4 } })).toThrow(
    "scale: expected the network's own 4, received 2",
  );
  const bsrt = { network: 'bsrt', config: {}, scale: 4, crop: 64 };
  expect(define({ ...bsrt, burst: { frames: 3 } })).toThrow(
    "burst.frames: expected the network's own 14, received 3",
  );
  expect(() => burstRecipe(data, { burst: { frames: 0 } })).toThrow('recipe.burst.frames');
  expect(() => restorerRecipe(data, { flowWeight: 1 })).toThrow(
    'recipe.flowWeight: expected no such entry of kind restorer',
  );
});

test('bursts are made of the crops of a dataset, which gives no pairs', async () => {
  const recipe = burstRecipe(data);
  const sides: number[] = [];
  const crops: Dataset = async ({ size, sample }) => {
    sides.push(size);
    return image(size, sample);
  };
  const photographs = await openSource(recipe);
  const definition = defineTraining(recipe, {}, { dataset: crops });
  const batch = await definition.batch(photographs, 1);
  expect(batch.burst!.shape).toEqual([2, 3, 4, 4, 4]);
  expect(new Set(sides).size).toBe(1);
  expect(sides[0]).toBeGreaterThan(recipe.crop);
  const pairs: Dataset = async ({ size }) => ({
    target: image(size),
    input: image(size / 2),
  });
  const other = defineTraining(recipe, {}, { dataset: pairs });
  await expect(other.batch(photographs, 1)).rejects.toThrow(ParameterError);
});

test('BSRT can be trained too, without a loss of flow', () => {
  const config = {
    ...{ burst_size: 3, embed_dim: 6, depths: [1, 1], num_heads: [1, 1] },
    ...{ window_size: 4, mlp_ratio: 1 },
  };
  const settings = { network: 'bsrt', config, scale: 4, crop: 64, batch: 1 };
  const { loss, trained, further } = defineTraining(burstRecipe(data, settings), {});
  expect(further).toBeUndefined();
  expect(buildTrainingStep({ loss, trained }).parameters).toEqual([...trained.keys()]);
});
