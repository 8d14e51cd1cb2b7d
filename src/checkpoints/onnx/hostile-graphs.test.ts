import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AttributeProtoSchema } from 'onnx-buf';
import { describe } from 'vitest';
import { model, node, smallGraph, value } from './testing/models.js';
import { refuses } from './testing/refusals.js';

const graphs = (g: object): MessageInitShape<typeof AttributeProtoSchema> => ({ name: 'body', g });

describe('a graph that cannot run, or is no image-to-image network, is refused', () => {
  refuses([
    ['no version', () => model({}, { irVersion: 0n }), /version of the format/],
    ['a version of the future', () => model({}, { irVersion: 99n }), /received 99/],
    ['no operator set', () => model({}, { opsetImport: [] }), /no version of the ONNX operators/],
    ['an absurd operator set', () => model({}, { opsetImport: [{ version: -1n }] }), /or -1/],
    ['no graph', () => new Uint8Array([8, 9, 0x42, 2, 0x10, 17]), /no graph/],
    ['an empty graph', () => model({ node: [] }), /empty graph/],
    ['no input', () => model({ input: [], node: [node('Relu', ['bias'], ['y'])] }), /has no input/],
    [
      'an input that is missing',
      () => model({ input: [value('z', [1, 3, 4, 4])] }),
      /takes "x", which nothing/,
    ],
    ['no output', () => model({ output: [] }), /exactly one output .*received none/],
    [
      'an output that nothing gives',
      () => model({ output: [value('q', [1, 3, 4, 4])] }),
      /takes "q"/,
    ],
    [
      'the same output twice',
      () => model({ output: [...smallGraph.output, ...smallGraph.output] }),
      /two outputs "y"/,
    ],
    [
      'two pictures',
      () =>
        model({
          node: [...smallGraph.node, node('Relu', ['y'], ['z'])],
          output: [...smallGraph.output, value('z', [1, 3, 4, 4])],
        }),
      /exactly one output/,
    ],
    [
      'an output of two axes',
      () => model({ output: [value('y', [1, 1000])] }),
      /exactly one output/,
    ],
    [
      'two inputs of one name',
      () => model({ input: [...smallGraph.input, ...smallGraph.input] }),
      /two inputs "x"/,
    ],
    [
      'an input that is a sequence',
      () => model({ input: [{ name: 'x', type: { value: { case: 'sequenceType', value: {} } } }] }),
      /no stated shape/,
    ],
    [
      'a value given twice',
      () => model({ node: [...smallGraph.node, ...smallGraph.node] }),
      /given already/,
    ],
    [
      'a stored tensor given by a node',
      () => model({ node: [node('Relu', ['x'], ['bias']), ...smallGraph.node] }),
      /"bias", which is given already/,
    ],
    [
      'a cyclic graph',
      () =>
        model({
          node: [
            node('Add', ['x', 'b'], ['a']),
            node('Relu', ['a'], ['b']),
            node('Relu', ['b'], ['y']),
          ],
        }),
      /cyclic graph: Add/,
    ],
    [
      'a node that takes its own output',
      () => model({ node: [node('Add', ['x', 'y'], ['y'])] }),
      /cyclic/,
    ],
    [
      'a cycle through the body of a loop',
      () =>
        model({
          node: [
            node('Loop', ['x'], ['y'], {
              attribute: [graphs({ node: [node('Relu', ['z'], ['i'])], output: [value('i', [])] })],
            }),
            node('Relu', ['y'], ['z']),
          ],
        }),
      /cyclic graph: Loop/,
    ],
    [
      'a body that takes what nothing gives',
      () =>
        model({
          node: [
            node('Loop', ['x'], ['y'], {
              attribute: [graphs({ node: [node('Relu', ['q'], ['i'])] })],
            }),
          ],
        }),
      /takes "q"/,
    ],
    [
      'a node without an operator',
      () => model({ node: [node('', ['x'], ['y'])] }),
      /names no operator/,
    ],
    [
      'an operator of another domain',
      () => model({ node: [node('Shell', ['x'], ['y'], { domain: 'evil.org' })] }),
      /operator Shell of the domain "evil\.org"/,
    ],
    [
      'functions of its own',
      () => model({}, { functions: [{ name: 'f', domain: 'own' }] }),
      /functions/,
    ],
    ['training instructions', () => model({}, { trainingInfo: [{}] }), /training/],
    [
      'a negative extent of an input',
      () => model({ input: [value('x', [1, 3, -1, 8])] }),
      /extent -1/,
    ],
    ['an input without pixels', () => model({ input: [value('x', [1, 3, 0, 8])] }), /extent 0/],
    [
      'an absurd input',
      () => model({ input: [value('x', [1, 3, 2 ** 20, 2 ** 20])] }),
      /more than 2147483648/,
    ],
    [
      'an input of 2^62 rows',
      () => model({ input: [value('x', [1, 3, 2n ** 62n, 1])] }),
      /more than/,
    ],
    [
      'seventeen axes',
      () => model({ input: [value('x', Array(17).fill(1))] }),
      /more than 16 axes/,
    ],
  ]);
});
