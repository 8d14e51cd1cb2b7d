import { expect, test } from 'vitest';
import { input, lowerToOnnx, mul, scalar } from '../../graph/index.js';
import { decodeOnnx } from './decode-onnx.js';
import { model, node, smallGraph, stored, value } from './testing/models.js';

test('a file says what it takes, gives and holds', () => {
  const { bytes, ...file } = decodeOnnx(model(), 'small.onnx');
  expect(file).toEqual({
    name: 'small.onnx',
    irVersion: 9,
    opset: 17,
    producer: 'test',
    inputs: [{ name: 'x', elementType: 'float32', axes: ['N', 3, 'h', 'w'] }],
    output: { name: 'y', elementType: 'float32', axes: ['N', 3, 'h', 'w'] },
    nodes: 1,
    operators: new Map([['Add', 1]]),
    initializers: 1,
    parameters: 3,
    half: false,
  });
  expect(bytes.length).toBeGreaterThan(0);
});

test('graphs that this package writes are read, with fixed axes', () => {
  const image = input('image', [1, 3, 8, 6]);
  const file = decodeOnnx(lowerToOnnx({ outputs: { output: mul(image, scalar(2)) } }).bytes);
  expect(file.inputs).toEqual([{ name: 'image', elementType: 'float32', axes: [1, 3, 8, 6] }]);
  expect(file.output.axes).toEqual([1, 3, 8, 6]);
  expect(file.opset).toBe(19);
});

test('stored tensors among the inputs, as older files list them, are no inputs', () => {
  const file = decodeOnnx(
    model({ input: [...smallGraph.input, value('bias', [1, 3, 1, 1])] }, { irVersion: 3n }),
  );
  expect(file.inputs.map(({ name }) => name)).toEqual(['x']);
});

test('nodes may come in any order, and axes may have no name', () => {
  const { output, nodes } = decodeOnnx(
    model({
      node: [node('Relu', ['sum'], ['y']), node('Add', ['x', 'bias'], ['sum'])],
      output: [value('y', ['', 3, '', ''])],
      input: [value('x', [1, 3, '', ''])],
    }),
  );
  expect(nodes).toBe(2);
  expect(output.axes).toEqual(['', 3, '', '']);
});

test('half precision is reported', () => {
  const axes = ['N', 3, 'h', 'w'];
  const half = decodeOnnx(
    model({
      input: [value('x', axes, 10)],
      output: [value('y', axes, 10)],
      initializer: [stored('bias', [1, 3, 1, 1], new Uint8Array(6), 10)],
    }),
  );
  expect(half.half).toBe(true);
  expect(half.inputs[0]!.elementType).toBe('float16');
});

test('other outputs than the image are allowed', () => {
  const file = decodeOnnx(
    model({
      node: [...smallGraph.node, node('ReduceMean', ['y'], ['mean'])],
      output: [value('mean', []), ...smallGraph.output],
    }),
  );
  expect(file.output.name).toBe('y');
});

test('numbers may be listed one by one, packed or raw', () => {
  const bias = { name: 'bias', dims: [1n, 3n, 1n, 1n], dataType: 1, floatData: [1, 2, 3] };
  expect(decodeOnnx(model({ initializer: [bias] })).parameters).toBe(3);
});

test('graphs in graphs may take what the graphs around them give', () => {
  const branch = (name: string) => ({
    name,
    g: { name, node: [node('Add', ['x', 'bias'], [`${name}y`])], output: [value(`${name}y`, [])] },
    type: 5,
  });
  const file = decodeOnnx(
    model({
      initializer: [...smallGraph.initializer, stored('flag', [], new Uint8Array(1), 9)],
      node: [
        node('If', ['flag'], ['y'], { attribute: [branch('then_branch'), branch('else_branch')] }),
      ],
    }),
  );
  expect(file.operators).toEqual(
    new Map([
      ['If', 1],
      ['Add', 2],
    ]),
  );
});
