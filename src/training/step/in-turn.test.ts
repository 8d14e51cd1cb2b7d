import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  conv2d,
  input,
  isInput,
  mul,
  ParameterScope,
  reduceMean,
  relu,
  topologicalOrder,
  type Value,
} from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { defineTraining } from '../define.js';
import { initialWeights } from '../modules/initialise.js';
import { prepareRun } from '../prepare.js';
import { pictureFolder } from '../testing/picture-folder.js';
import { denoiserRecipe } from '../testing/recipes.js';
import { inTurn } from './in-turn.js';

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
  const loss = inTurn(ofCrops(batch), batch, ofCrops);
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
  const data = await pictureFolder([80, 70], [70, 80]);
  const recipe = denoiserRecipe(data, {
    ...{ crop: 64, batch: 4, config: { unshuffle: 1, widths: [64], blocks: 1 } },
  });
  const place = { recipe, output: join(data, 'run'), workers: 0 };
  const run = await prepareRun(place);
  const { definition, carriedOut, photographs } = run;
  const whole = defineTraining(carriedOut, {});
  const convolved = (loss: Value) =>
    new Set(
      topologicalOrder([loss])
        .filter(({ operator }) => operator.name === 'conv2d')
        .map(({ shape }) => shape[0]),
    );
  expect(carriedOut.batch).toBe(2);
  expect(convolved(definition.loss)).toEqual(new Set([1]));
  const feeds = {
    ...(await whole.batch(photographs, 1)),
    ...Object.fromEntries(initialWeights(whole.trained, 1)),
  };
  const [found, expected] = await Promise.all(
    [definition, whole].map(({ loss }) => evaluate({ loss }, feeds)),
  );
  expect(found!.loss!.data[0]).toBeCloseTo(expected!.loss!.data[0]!, 6);
  const segmented = await prepareRun({ ...place, segments: 2 });
  expect(convolved(segmented.definition.loss)).toEqual(new Set([2]));
});
