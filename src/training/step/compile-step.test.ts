import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import {
  add,
  conv2d,
  erf,
  gradients,
  greater,
  input,
  isInput,
  mul,
  ParameterScope,
  reduceMean,
  reduceSum,
  relu,
  tanh,
  topologicalOrder,
  type Value,
  where,
} from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { EngineError, ModelError } from '../../utils/errors.js';
import { defineTraining } from '../definition.js';
import { initialWeights } from '../initial-weights.js';
import { openPhotographs } from '../photographs/photographs.js';
import { imageFolder } from '../testing/fixtures.js';
import { denoiserRecipe, restorerRecipe } from '../testing/recipes.js';
import { prepareFrom } from '../testing/runs.js';
import { compileStep, lackingOperators, lossOfMicroBatches, splitBatch } from './compile-step.js';

const data = await imageFolder([60, 44], [70, 80]);
const large = { crop: 40, config: { unshuffle: 2, widths: [64, 64], blocks: 2 } };
const halved = (changes: object, custom: object = {}) => {
  const recipe = denoiserRecipe(data, changes);
  const { batch, accumulate } = splitBatch(recipe, defineTraining(recipe, {}), custom);
  return [batch, accumulate];
};

test('large batches of an even number of crops are halved, and no others', () => {
  expect(halved({ ...large, batch: 8 })).toEqual([4, 2]);
  expect(halved({ ...large, batch: 8, accumulate: 3 })).toEqual([4, 6]);
  expect(halved({ ...large, batch: 7 })).toEqual([7, 1]);
  expect(halved({ batch: 8 })).toEqual([8, 1]);
  const loss = () => {
    throw new Error('it is not called');
  };
  expect(halved({ ...large, batch: 8 }, { loss })).toEqual([8, 1]);
});

test('both halves together have the crops of the whole', async () => {
  const recipe = denoiserRecipe(data, { ...large, batch: 8 });
  const whole = defineTraining(recipe, {});
  const photographs = await openPhotographs(data);
  const half = defineTraining(splitBatch(recipe, whole, {}), {});
  const parts = [await half.batch(photographs, 3, 0), await half.batch(photographs, 3, 1)];
  const all = await whole.batch(photographs, 3);
  for (const [name, { data: values }] of Object.entries(all))
    expect(parts.flatMap((part) => [...(part[name]!.data as Float32Array)])).toEqual([
      ...(values as Float32Array),
    ]);
});

function lossOf(channels: number, size: number, layers: number) {
  return (crops: number): Value => {
    const scope = new ParameterScope();
    let y: Value = input('x', [crops, channels, size, size]);
    for (let layer = 0; layer < layers; layer += 1) {
      const kernels = scope.parameter(`kernels${layer}`, [channels, channels, 3, 3]);
      y = relu(conv2d(y, kernels, undefined, { padding: 1 }));
    }
    return reduceMean(mul(y, y), [0, 1, 2, 3], false);
  };
}

const partsOf = (channels: number, size: number, batch: number, layers = 1) => {
  const ofCrops = lossOf(channels, size, layers);
  const loss = lossOfMicroBatches(ofCrops(batch), batch, ofCrops);
  const order = topologicalOrder([loss]);
  expect(order.filter(isInput).map(({ shape }) => shape[0])).toEqual([batch]);
  return order.filter(({ operator }) => operator.name === 'conv2d').map(({ shape }) => shape[0]);
};

test('as many crops are convolved together as results of a mebibyte hold', () => {
  expect(partsOf(64, 64, 4)).toEqual([1, 1, 1, 1]);
  expect(partsOf(16, 64, 8)).toEqual([4, 4]);
  expect(partsOf(48, 24, 8)).toEqual([8]);
  expect(partsOf(64, 64, 1)).toEqual([1]);
});

test('batches stay whole where a crop is too large, or where there would be very many values', () => {
  expect(partsOf(64, 96, 4)).toEqual([4]);
  expect(partsOf(64, 64, 4, 200)).toEqual(new Array(200).fill(4));
});

test('a run learns its halves crop by crop to the loss that they have together', async () => {
  const data = await imageFolder([80, 70], [70, 80]);
  const recipe = denoiserRecipe(data, {
    ...{ crop: 64, batch: 4, config: { unshuffle: 1, widths: [64], blocks: 1 } },
  });
  const place = { recipe, output: join(data, 'run'), workers: 0 };
  const run = await prepareFrom(place);
  const { definition, stepRecipe, photographs } = run;
  const whole = defineTraining(stepRecipe, {});
  const convolved = (loss: Value) =>
    new Set(
      topologicalOrder([loss])
        .filter(({ operator }) => operator.name === 'conv2d')
        .map(({ shape }) => shape[0]),
    );
  expect(stepRecipe.batch).toBe(2);
  expect(convolved(definition.loss)).toEqual(new Set([1]));
  const feeds = {
    ...(await whole.batch(photographs, 1)),
    ...Object.fromEntries(initialWeights(whole.trained, 1)),
  };
  const [found, expected] = await Promise.all(
    [definition, whole].map(({ loss }) => evaluate({ loss }, feeds)),
  );
  expect(found!.loss!.data[0]).toBeCloseTo(expected!.loss!.data[0]!, 6);
  const segmented = await prepareFrom({ ...place, segments: 2 });
  expect(convolved(segmented.definition.loss)).toEqual(new Set([2]));
});

/** A device that has every operator of ONNX but some. */
function deviceWithout(...missing: readonly string[]): GraphRunner {
  return {
    device: { requested: 'webgpu', effective: 'webgpu', threads: 1, runtime: 'made up' },
    compile: async (key, build) => {
      const { graph } = fromBinary(ModelProtoSchema, build());
      if (graph!.node.some(({ opType }) => missing.includes(opType)))
        throw new EngineError(key, 'lacks operators of this graph');
      return { run: () => Promise.reject(new Error('nothing is to be run')) };
    },
    checkpoint: async () => {},
    dispose: async () => {},
  };
}

const [x, y] = [input('x', [2, 3]), input('y', [2, 3])];
const loss = reduceSum(mul(erf(x), where(greater(x, y), tanh(y), add(x, y))), [0, 1], false);
const graph = [loss, ...gradients(loss, [x, y])];

test('operators that a device refuses are named, once each', async () => {
  expect(await lackingOperators(graph, deviceWithout())).toEqual([]);
  expect(await lackingOperators(graph, deviceWithout('Erf', 'Where'))).toEqual(['erf', 'where']);
});

test('those that only the gradients need are among them', async () => {
  expect(await lackingOperators([loss], deviceWithout('Exp'))).toEqual([]);
  expect(await lackingOperators(graph, deviceWithout('Exp'))).toEqual(['exp']);
});

test('another failure than a lack is passed on', async () => {
  const broken = deviceWithout();
  const failure = new ModelError('graph', 'is refused');
  const runner = { ...broken, compile: () => Promise.reject(failure) };
  await expect(lackingOperators(graph, runner)).rejects.toBe(failure);
});

test('a device that lacks operators of a training step is refused by their names', async () => {
  const recipe = restorerRecipe(await imageFolder([40, 40]));
  const run = await prepareFrom({ recipe, output: await temporaryFolder(), workers: 0 });
  const error = await compileStep(run, deviceWithout('PixelShuffle', 'Relu')).catch((e) => e);
  await run.close();
  expect(error).toBeInstanceOf(EngineError);
  expect(error.message).toMatch(/^device: webgpu cannot train compact-restorer: it lacks relu; /);
  expect(error.message).toContain('cpu');
});
