import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import {
  buildGradientGraph,
  conv2d,
  input,
  mul,
  ParameterScope,
  reduceMean,
  type Value,
} from '../graph/index.js';
import { loadRuntime, sessionOptions } from './runtime.js';

const LAYERS = 5;

/** The operators of a training graph of some layers in the order in which the runtime runs them. */
async function operatorsRun(): Promise<string[]> {
  const scope = new ParameterScope();
  const layers = Array.from({ length: LAYERS }, (_, index) => scope.child(`layer${index}`));
  const result = layers.reduce<Value>(
    (x, layer) =>
      conv2d(x, layer.parameter('weight', [16, 16, 3, 3]), layer.parameter('bias', [16]), {
        padding: 1,
      }),
    input('x', [2, 16, 8, 8]),
  );
  const { model } = buildGradientGraph({
    loss: reduceMean(mul(result, result), [0, 1, 2, 3], false),
    trained: scope.declared(),
  });
  const { InferenceSession, Tensor } = await loadRuntime();
  const folder = await temporaryFolder();
  const tuning = { threads: 1, keepMemory: false, planMemory: true, busyWait: false };
  const session = await InferenceSession.create(model.bytes, {
    ...sessionOptions('cpu', { ...tuning, allowCpuOperators: false }),
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
  });
  const feeds = session.inputMetadata.map((wanted) => {
    if (!wanted.isTensor) throw new Error(`${wanted.name} is no tensor`);
    const shape = wanted.shape as number[];
    const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    return [wanted.name, new Tensor('float32', data, shape)] as const;
  });
  await session.run(Object.fromEntries(feeds));
  session.endProfiling();
  await session.release();
  const [file] = await readdir(folder);
  const events: { readonly name: string; readonly args?: { readonly op_name?: string } }[] =
    JSON.parse(await readFile(join(folder, file!), 'utf8'));
  return events.flatMap(({ name, args }) =>
    name.endsWith('_kernel_time') && args?.op_name ? [args.op_name] : [],
  );
}

test('each layer’s gradient becomes one of its kernels before the next layer’s is made', async () => {
  const run = await operatorsRun();
  expect(run.filter((name) => name === 'Identity')).toHaveLength(2 * LAYERS + 1);
  // Results of all layers, then a gradient of a result for each layer but the first.
  const convolutions = run.flatMap((name, place) => (name === 'Conv' ? [place] : []));
  expect(convolutions).toHaveLength(2 * LAYERS - 1);
  const made = (end: number) => run.slice(0, end).filter((name) => name === 'Identity').length;
  const backward = convolutions.slice(LAYERS);
  backward.forEach((place, layer) => {
    expect(made(place)).toBeGreaterThanOrEqual(2 * (layer + 1) - 1);
  });
});
