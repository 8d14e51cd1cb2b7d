import { expect, test } from 'vitest';
import { ModelError } from '../../utils/errors.js';
import { constant, input, parameter } from '../leaves.js';
import {
  add,
  conv2d,
  gather,
  matmul,
  relu,
  reshape,
  resizeNearest,
  roll,
  slice,
  transpose,
} from '../operators/index.js';
import { compileModel, runModel } from '../testing/evaluate.js';
import { filled, sample } from '../testing/tensors.js';
import type { Value } from '../value.js';
import { lowerToOnnx } from './lower.js';
import { lowerWithDynamicAxes } from './lower-dynamic.js';

const weights = new Map([['kernels', sample([4, 2, 3, 3])]]);
const smooth = (x: Value): Value =>
  conv2d(x, parameter('kernels', [4, 2, 3, 3]), undefined, { padding: 1 });

/** Blocks of 2 x 2 pixels, each of them mixed within, and back. */
function inBlocks(x: Value): Value {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const cut = reshape(x, [n, c, height / 2, 2, width / 2, 2]);
  const blocks = reshape(transpose(cut, [0, 1, 2, 4, 3, 5]), [n, c, (height * width) / 4, 4]);
  const mixed = matmul(blocks, constant(filled([4, 4], (a, b) => a! - 2 * b!)));
  const back = reshape(mixed, [n, c, height / 2, width / 2, 2, 2]);
  return reshape(transpose(back, [0, 1, 2, 4, 3, 5]), x.shape);
}

const networks: Readonly<Record<string, (x: Value) => Value>> = {
  'a convolution': smooth,
  'blocks of pixels': (x) => smooth(inBlocks(x)),
  'an enlargement': (x) => resizeNearest(relu(smooth(x)), 2),
  'a rotation': (x) => roll(roll(x, 2, 1), 3, -1),
  'a part of the image': (x) => slice(slice(x, 2, 1, x.shape[2]!), 3, 0, x.shape[3]! / 2),
  'two sums': (x) => add(inBlocks(x), x),
};

function lowerDynamic(network: (x: Value) => Value, multiple = 2) {
  const build = (height: number, width: number) => ({
    outputs: { y: network(input('x', [1, 2, height, width])) },
    weights,
  });
  return { build, model: lowerWithDynamicAxes({ build, multiple, minimum: multiple, name: 'it' }) };
}

test.each(Object.entries(networks))(
  '%s gives at every size what it gives at one',
  async (_, of) => {
    const { build, model } = lowerDynamic(of);
    const compiled = await compileModel(model.bytes);
    for (const [height, width] of [
      [4, 4],
      [10, 6],
      [12, 34],
    ] as const) {
      const still = lowerToOnnx(build(height, width));
      const feeds = { x: sample([1, 2, height, width], height) };
      expect(await compiled.run(feeds)).toEqual(await runModel(still.bytes, feeds));
    }
  },
);

test('a size that is no whole multiple is refused by the model', async () => {
  const { bytes } = lowerDynamic(smooth).model;
  await expect(runModel(bytes, { x: sample([1, 2, 5, 4]) })).rejects.toThrow('cannot be reshaped');
});

test('the axes are named, and so are those of the output', async () => {
  const text = new TextDecoder('latin1').decode(
    lowerDynamic(networks['an enlargement']!).model.bytes,
  );
  for (const name of ['height', 'width', '2*height', '2*width']) expect(text).toContain(name);
});

test.each<[string, (x: Value) => Value, string]>([
  ['a mask of the image', (x) => add(x, constant(filled(x.shape, (_, c) => c!))), 'its Add (node'],
  [
    'a table of places',
    (x) =>
      gather(
        x,
        2,
        Array.from({ length: x.shape[2]! }, (_, row) => row ^ 1),
      ),
    'its Gather (node',
  ],
  [
    'more work on larger images',
    (x) => (x.shape[2]! > 4 ? relu(x) : x),
    'its Identity (node 1 of 1) is another',
  ],
  ['fewer channels of larger images', (x) => (x.shape[2]! > 4 ? x : smooth(x)), 'its shape'],
])('%s is refused', (_, network, reason) => {
  expect(() => lowerDynamic(network)).toThrow(ModelError);
  expect(() => lowerDynamic(network)).toThrow('cannot have dynamic axes: ');
  expect(() => lowerDynamic(network)).toThrow(reason);
});
