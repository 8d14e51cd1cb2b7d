import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AttributeProtoSchema } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../utils/errors.js';
import { decodeOnnx } from './decode-onnx.js';
import { model, node, smallGraph, stored, value } from './testing/models.js';

/** What is wrong with a file, the file, and what the error says. */
type Refusal = readonly [what: string, bytes: () => Uint8Array, message: RegExp];

/** Tests that each file is refused within a second, with a typed error that names it. */
function refusesOnnx(refusals: readonly Refusal[]): void {
  test.each(refusals)('%s', (_, build, message) => {
    const file = build();
    const read = () => decodeOnnx(file, 'bad.onnx');
    const start = performance.now();
    expect(read).toThrow(ModelError);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(read).toThrow(message);
    expect(read).toThrow(/^bad\.onnx: /);
  });
}

const good = model();
const noBytes = new Uint8Array();

function bytes(...parts: readonly (number | Uint8Array | string)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) =>
      typeof part === 'number'
        ? [part]
        : typeof part === 'string'
          ? [...new TextEncoder().encode(part)]
          : [...part],
    ),
  );
}

/** A field with a length, in bytes of protobuf. */
function field(number: number, content: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let left = content.length; ; left = Math.floor(left / 128)) {
    length.push(left < 128 ? left : (left % 128) | 0x80);
    if (left < 128) break;
  }
  return bytes((number << 3) | 2, new Uint8Array(length), content);
}

/** Graphs in attributes of nodes of graphs. */
function nested(depth: number): Uint8Array {
  let graph: Uint8Array = new Uint8Array();
  for (let level = 0; level < depth; level++)
    graph = field(1, bytes(field(4, bytes('If')), field(5, field(6, graph))));
  return bytes(8, 9, field(7, graph));
}

function nestedMessages(depth: number): Uint8Array {
  return bytes(...Array.from({ length: depth }, () => bytes(0x3a, 0xff, 0xff, 0xff, 0x7f)));
}

function manyFields(): Uint8Array {
  const all = new Uint8Array(10_000_000);
  for (let at = 0; at < all.length; at += 2) all[at] = 0x28;
  return all;
}

test('the frame around the hostile parts is itself good', () => {
  expect(decodeOnnx(good).nodes).toBe(1);
});

describe('bytes that are no protobuf, or too much of it, are refused', () => {
  refusesOnnx([
    ['an empty file', () => noBytes, /is empty/],
    ['text', () => bytes('this is no model at all'), /wire type|cut off|no valid number|field/],
    ['an image', () => bytes(0x89, 'PNG\r\n', 0x1a, '\n', 0, 0, 0, 13), /model/],
    ['a zip archive', () => bytes('PK', 3, 4, 20, 0, 0, 0), /model/],
    ['a varint that is cut off', () => bytes(0x08, 0xff, 0xff), /cut off in an integer/],
    ['a varint without end', () => bytes(0x08, ...Array(11).fill(0xff)), /does not end/],
    ['a field of number 0', () => bytes(0x02, 0x00), /no valid number/],
    [
      'a field number beyond 2^29',
      () => bytes(0xff, 0xff, 0xff, 0xff, 0xff, 1, 0),
      /no valid number/,
    ],
    ['a group', () => bytes(0x08, 9, 0x0b, 0x0c), /wire type 3/],
    ['the wire type 7', () => bytes(0x08, 9, 0x0f), /wire type 7/],
    [
      'a graph that is a number',
      () => bytes(0x08, 9, 0x38, 1),
      /field 7 is an integer, expected bytes/,
    ],
    ['a version that is text', () => bytes(0x0a, 1, 0x39), /field 1 is bytes, expected an integer/],
    [
      'a graph of 4 GiB',
      () => bytes(0x08, 9, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f),
      /4294967295 bytes/,
    ],
    [
      'a graph of 2^63 bytes',
      () => bytes(0x3a, ...Array(9).fill(0xff), 0x01),
      /is cut off: field 7 has 18446744073709552000 bytes/,
    ],
    ['lengths that exceed each other', () => nestedMessages(100_000), /cut off/],
    ['a file that is cut off', () => good.subarray(0, good.length - 3), /cut off/],
    ['graphs nested 9 deep', () => nested(9), /nested deeper than 8/],
    ['graphs nested 100 deep', () => nested(100), /nested deeper than 8/],
    ['two graphs', () => bytes(good, good), /twice/],
    ['five million fields', manyFields, /more than 4000000 protobuf fields/],
    ['a name of no UTF-8', () => model().map((byte) => (byte === 0x78 ? 0xff : byte)), /UTF-8/],
    [
      'a name of 5000 bytes',
      () => model({ node: [node('A'.repeat(5000), ['x'], ['y'])] }),
      /text of 5000/,
    ],
  ]);
});

test('a file cut off anywhere is refused', () => {
  for (let length = 0; length < good.length; length++)
    expect(() => decodeOnnx(good.subarray(0, length))).toThrow(ModelError);
});

const graphs = (g: object): MessageInitShape<typeof AttributeProtoSchema> => ({ name: 'body', g });

describe('a graph that cannot run, or is no image-to-image network, is refused', () => {
  refusesOnnx([
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
      'two images',
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

const bias = smallGraph.initializer[0]!;
const elsewhere = (...locations: string[]) => ({
  name: 'bias',
  dims: [3n],
  dataType: 1,
  dataLocation: 1,
  externalData: locations.map((value) => ({ key: 'location', value })),
});

describe('a tensor that is not whole, not here or not sensible is refused', () => {
  refusesOnnx([
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
