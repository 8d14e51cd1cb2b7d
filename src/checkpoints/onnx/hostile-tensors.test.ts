import { describe } from 'vitest';
import { model, node, smallGraph, stored } from './testing/models.js';
import { refuses } from './testing/refusals.js';

const bias = smallGraph.initializer[0]!;
const elsewhere = (...locations: string[]) => ({
  name: 'bias',
  dims: [3n],
  dataType: 1,
  dataLocation: 1,
  externalData: locations.map((value) => ({ key: 'location', value })),
});
const noBytes = new Uint8Array();

describe('a tensor that is not whole, not here or not sensible is refused', () => {
  refuses([
    [
      'negative extents of a tensor',
      () => model({ initializer: [stored('bias', [-1, 3, -1, 1])] }),
      /negative extent -1/,
    ],
    [
      'a tensor that is too short',
      () => model({ initializer: [stored('bias', [3], new Uint8Array(11))] }),
      /needs 12 bytes, the file has 11/,
    ],
    [
      'a tensor that is too long',
      () => model({ initializer: [stored('bias', [3], new Uint8Array(16))] }),
      /needs 12 bytes/,
    ],
    [
      'a tensor of 2^60 elements',
      () => model({ initializer: [stored('bias', [2 ** 30, 2 ** 30], noBytes)] }),
      /more than 2147483648 elements/,
    ],
    [
      'a tensor without elements in it',
      () => model({ initializer: [{ ...bias, rawData: noBytes }] }),
      /needs 12 bytes, the file has 0/,
    ],
    [
      'a tensor stored twice over',
      () => model({ initializer: [{ ...bias, floatData: [1, 2, 3] }] }),
      /stores its elements twice/,
    ],
    [
      'a tensor of the wrong list',
      () =>
        model({
          initializer: [{ name: 'bias', dims: [3n], dataType: 1, int64Data: [1n, 2n, 3n] }],
        }),
      /needs 3 numbers/,
    ],
    [
      'a tensor of no known type',
      () => model({ initializer: [{ ...bias, dataType: 99 }] }),
      /elements of type 99/,
    ],
    [
      'a tensor of text',
      () => model({ initializer: [{ ...bias, stringData: [new Uint8Array([120])] }] }),
      /text/,
    ],
    [
      'a tensor in segments',
      () =>
        model({ initializer: [{ name: 'bias', dims: [3n], dataType: 1, segment: { begin: 0n } }] }),
      /segments/,
    ],
    [
      'seventeen axes of a tensor',
      () => model({ initializer: [stored('bias', Array(17).fill(1))] }),
      /more than 16 integers/,
    ],
    [
      'a million extents',
      () => model({ initializer: [stored('bias', Array(1e6).fill(1), noBytes)] }),
      /more than 16 integers/,
    ],
    ['two tensors of one name', () => model({ initializer: [bias, bias] }), /two tensors "bias"/],
    [
      'a tensor in another file',
      () =>
        model({
          initializer: [elsewhere('/etc/passwd')],
        }),
      /lies in another file, "\/etc\/passwd"/,
    ],
    [
      'a tensor somewhere else',
      () => model({ initializer: [elsewhere()] }),
      /lies in another file:/,
    ],
    [
      'another file named by an attribute',
      () =>
        model({
          node: [
            node('Constant', [], ['c'], {
              attribute: [
                {
                  name: 'value',
                  t: elsewhere('../../key'),
                },
              ],
            }),
            ...smallGraph.node,
          ],
        }),
      /another file, "\.\.\/\.\.\/key"/,
    ],
    [
      'a constant of 2^40 elements',
      () =>
        model({
          node: [node('ConstantOfShape', ['shape'], ['c']), node('Add', ['x', 'c'], ['y'])],
          initializer: [
            ...smallGraph.initializer,
            { name: 'shape', dims: [2n], dataType: 7, int64Data: [2n ** 20n, 2n ** 20n] },
          ],
        }),
      /ConstantOfShape makes a tensor of \[1048576, 1048576\]/,
    ],
    [
      'an expansion to 2^60 elements, of a constant of a node',
      () =>
        model({
          node: [
            node('Constant', [], ['shape'], {
              attribute: [
                {
                  name: 'value',
                  t: {
                    dims: [2n],
                    dataType: 7,
                    rawData: new Uint8Array(new BigInt64Array([2n ** 30n, 2n ** 30n]).buffer),
                  },
                },
              ],
            }),
            node('Expand', ['x', 'shape'], ['c']),
            node('Add', ['c', 'bias'], ['y']),
          ],
        }),
      /Expand makes a tensor/,
    ],
    ['sparse tensors', () => model({ sparseInitializer: [{ dims: [3n] }] }), /sparse/],
    [
      'a sparse attribute',
      () =>
        model({
          node: [node('Constant', [], ['y'], { attribute: [{ name: 'v', sparseTensor: {} }] })],
        }),
      /sparse/,
    ],
  ]);
});
