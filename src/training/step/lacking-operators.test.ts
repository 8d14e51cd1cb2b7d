import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import {
  add,
  erf,
  gradients,
  greater,
  input,
  mul,
  reduceSum,
  tanh,
  where,
} from '../../graph/index.js';
import { EngineError, ModelError } from '../../tensor/errors.js';
import { prepareRun } from '../prepare.js';
import { pictureFolder } from '../testing/picture-folder.js';
import { restorerRecipe } from '../testing/recipes.js';
import { compileStep } from './compile-step.js';
import { lackingOperators } from './lacking-operators.js';

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
  const recipe = restorerRecipe(await pictureFolder([40, 40]));
  const run = await prepareRun({ recipe, output: await temporaryFolder(), workers: 0 });
  const error = await compileStep(run, deviceWithout('PixelShuffle', 'Relu')).catch((e) => e);
  await run.close();
  expect(error).toBeInstanceOf(EngineError);
  expect(error.message).toMatch(/^device: webgpu cannot train compact-restorer: it lacks relu; /);
  expect(error.message).toContain('cpu');
});
