import { sizeOf } from '../../tensor/tensor.js';
import { checkFilled, checkGraph } from './check-graph.js';
import type { GraphPart, OnnxValue } from './graph-types.js';
import { readGraph } from './read-graph.js';
import { Fields, onnxLimits, Source } from './wire-format.js';

export type { OnnxValue } from './graph-types.js';
export { onnxLimits } from './wire-format.js';

/** The facts of an image-to-image ONNX file. */
export interface OnnxFile {
  /** What messages call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly irVersion: number;
  /** Version of the operator set of ONNX itself. */
  readonly opset: number;
  /** Program that wrote the file, if stated. */
  readonly producer: string;
  /** What a run must be given; stored tensors are left out. */
  readonly inputs: readonly OnnxValue[];
  /** The image that it gives. */
  readonly output: OnnxValue;
  readonly nodes: number;
  /** How often each operator occurs, graphs inside graphs included. */
  readonly operators: ReadonlyMap<string, number>;
  readonly initializers: number;
  /** Elements of all stored floating-point tensors of at least one axis. */
  readonly parameters: number;
  /** True where an input or the output is in half precision. */
  readonly half: boolean;
}

const IR_VERSIONS = [3, 13] as const;

/**
 * Reads and checks an ONNX file without running it: protobuf, limits, names, the order that a run
 * needs, operator domains, and that it takes tensors and gives one image of four axes. Weights
 * are neither copied nor looked at, only that they are all there.
 * @param name what messages call the file.
 * @throws ModelError for a file that is damaged, beyond `onnxLimits`, refers to other files, uses
 * operators of other domains, or does not give exactly one image.
 */
export function decodeOnnx(bytes: Uint8Array, name = 'model.onnx'): OnnxFile {
  const source = new Source(bytes, name);
  if (bytes.length === 0) source.fail('is no ONNX file: it is empty');
  if (bytes.length > onnxLimits.bytes)
    source.fail(`has ${bytes.length} bytes, more than ${onnxLimits.bytes}`);
  const fields = new Fields(source, 'the model');
  const counts = { nodes: 0, initializers: 0 };
  let irVersion = 0;
  let producer = '';
  let opset: number | undefined;
  let graph: GraphPart | undefined;
  while (fields.next()) {
    switch (fields.number) {
      case 1:
        fields.once();
        irVersion = fields.int();
        break;
      case 2:
        fields.once();
        producer = fields.text();
        break;
      case 7:
        fields.once();
        graph = readGraph(fields.message('the graph'), counts);
        break;
      case 8:
        opset = readOperatorSet(fields.message('an operator set')) ?? opset;
        break;
      case 20:
        fields.fail('holds training instructions, which are not read');
        break;
      case 25:
        fields.fail('defines local functions: export it with functions inlined');
    }
  }
  if (irVersion < IR_VERSIONS[0] || irVersion > IR_VERSIONS[1])
    source.fail(
      `is no ONNX file: expected a version of the format from ${IR_VERSIONS[0]} to ${IR_VERSIONS[1]}, received ${irVersion}`,
    );
  if (graph === undefined) return source.fail('holds no graph');
  if (opset === undefined || opset < 1 || opset > 1000)
    return source.fail(`states no version of the ONNX operators, or ${opset}`);
  if (graph.nodes.length === 0) source.fail('is an empty graph, without nodes');
  checkGraph(graph, source);
  checkFilled(graph, source);
  const inputs = graphInputs(graph, source);
  const output = graphOutput(graph, source);
  return {
    name,
    bytes,
    irVersion,
    opset,
    producer,
    inputs,
    output,
    nodes: counts.nodes,
    operators: operatorsOf(graph),
    initializers: counts.initializers,
    parameters: parametersOf(graph),
    half: [...inputs, output].some(({ elementType }) => elementType === 'float16'),
  };
}

/** The version where the operators are those of ONNX itself. */
function readOperatorSet(fields: Fields): number | undefined {
  let domain = '';
  let version = 0;
  while (fields.next()) {
    if (fields.number === 1) domain = fields.text();
    else if (fields.number === 2) version = fields.int();
  }
  return domain === '' || domain === 'ai.onnx' ? version : undefined;
}

function graphInputs(graph: GraphPart, source: Source): OnnxValue[] {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !stored.has(name));
  if (inputs.length === 0) source.fail('has no input: it takes no image');
  for (const { name, elementType, axes } of inputs)
    if (elementType === 'no tensor' || axes === undefined)
      source.fail(
        `its input ${JSON.stringify(name)} is ${axes === undefined ? 'of no stated shape' : 'no tensor'}, expected a tensor`,
      );
  return inputs;
}

function graphOutput(graph: GraphPart, source: Source): OnnxValue {
  const images = graph.outputs.filter(
    ({ elementType, axes }) =>
      elementType !== 'no tensor' && (axes === undefined || axes.length === 4),
  );
  if (images.length !== 1)
    source.fail(
      `expected exactly one output that is an image of four axes, received ${described(graph.outputs)}`,
    );
  return images[0]!;
}

function described(values: readonly OnnxValue[]): string {
  if (values.length === 0) return 'none';
  return values
    .slice(0, 8)
    .map(({ name, elementType, axes }) => `${name}: ${elementType} [${axes?.join(', ') ?? '?'}]`)
    .join('; ');
}

function operatorsOf(graph: GraphPart, counts = new Map<string, number>()): Map<string, number> {
  for (const { operator, graphs } of graph.nodes) {
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
    for (const inner of graphs) operatorsOf(inner, counts);
  }
  return counts;
}

function parametersOf(graph: GraphPart): number {
  return graph.initializers
    .filter(({ elementType, shape }) => elementType.includes('float') && shape.length > 0)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
