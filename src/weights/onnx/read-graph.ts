import {
  elementTypes,
  type GraphPart,
  type NodePart,
  type OnnxValue,
  type TensorPart,
} from './graph-types.js';
import { readTensor } from './read-tensor.js';
import { type Fields, onnxLimits } from './wire-format.js';

/** Operators of these domains run; the empty one is that of ONNX itself. */
const domains: ReadonlySet<string> = new Set(['', 'ai.onnx', 'com.microsoft']);

/** What one file may hold over all its graphs. */
export interface Counts {
  nodes: number;
  initializers: number;
}

/**
 * Reads a GraphProto with the graphs inside it.
 * @throws ModelError for what is damaged, beyond the limits, of an operator domain that does not
 * run here, or of a kind that is not read.
 */
export function readGraph(fields: Fields, counts: Counts, depth = 1): GraphPart {
  if (depth > onnxLimits.depth)
    fields.source.fail(`has graphs nested deeper than ${onnxLimits.depth}`);
  const nodes: NodePart[] = [];
  const initializers: TensorPart[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  while (fields.next()) {
    switch (fields.number) {
      case 1:
        counts.nodes += 1;
        if (counts.nodes > onnxLimits.nodes)
          fields.source.fail(`has more than ${onnxLimits.nodes} nodes`);
        nodes.push(readNode(fields.message('a node'), counts, depth));
        break;
      case 5:
        counts.initializers += 1;
        if (counts.initializers > onnxLimits.initializers)
          fields.source.fail(`has more than ${onnxLimits.initializers} stored tensors`);
        initializers.push(readTensor(fields.message('a stored tensor')));
        break;
      case 11:
        inputs.push(readValue(fields.message('an input')));
        break;
      case 12:
        outputs.push(readValue(fields.message('an output')));
        break;
      case 15:
        fields.fail('stores sparse tensors, which are not read');
    }
  }
  return { nodes, initializers, inputs, outputs };
}

function readNode(fields: Fields, counts: Counts, depth: number): NodePart {
  let operator = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const graphs: GraphPart[] = [];
  const tensors: TensorPart[] = [];
  while (fields.next()) {
    switch (fields.number) {
      case 1:
        inputs.push(fields.text());
        break;
      case 2:
        outputs.push(fields.text());
        break;
      case 4:
        fields.once();
        operator = fields.text();
        break;
      case 5:
        readAttribute(fields.message('an attribute'), { graphs, tensors }, counts, depth);
        break;
      case 7:
        fields.once();
        domain = fields.text();
        break;
    }
  }
  if (operator === '') fields.fail('names no operator');
  if (!domains.has(domain))
    fields.source.fail(
      `uses the operator ${operator} of the domain ${JSON.stringify(domain)}; only those of ONNX itself and com.microsoft run here`,
    );
  return { operator, domain, inputs, outputs, graphs, tensors };
}

function readAttribute(
  fields: Fields,
  { graphs, tensors }: { readonly graphs: GraphPart[]; readonly tensors: TensorPart[] },
  counts: Counts,
  depth: number,
): void {
  while (fields.next()) {
    switch (fields.number) {
      case 5:
        fields.once();
        tensors.push(readTensor(fields.message('a tensor of a node')));
        break;
      case 6:
        fields.once();
        graphs.push(readGraph(fields.message('a graph of a node'), counts, depth + 1));
        break;
      case 10:
        tensors.push(readTensor(fields.message('a tensor of a node')));
        break;
      case 11:
        graphs.push(readGraph(fields.message('a graph of a node'), counts, depth + 1));
        break;
      case 21:
        if (fields.size() > 0) fields.fail('refers to a function, which is not read');
        break;
      case 22:
      case 23:
        fields.fail('holds sparse tensors, which are not read');
    }
  }
}

/**
 * Reads a ValueInfoProto.
 * @throws ModelError for damaged fields, and a negative or absurd extent.
 */
function readValue(fields: Fields): OnnxValue {
  let name = '';
  let elementType = 'no tensor';
  let axes: (number | string)[] | undefined;
  while (fields.next()) {
    if (fields.number === 1) {
      fields.once();
      name = fields.text();
    } else if (fields.number === 2) {
      fields.once();
      const type = fields.message('a type');
      while (type.next()) {
        if (type.number !== 1) continue;
        type.once();
        const tensor = type.message('a tensor type');
        elementType = 'undefined';
        while (tensor.next()) {
          if (tensor.number === 1) {
            tensor.once();
            const number = tensor.int();
            elementType = elementTypes.get(number)?.name ?? `type ${number}`;
          } else if (tensor.number === 2) {
            tensor.once();
            axes = readAxes(tensor.message('a shape'));
          }
        }
      }
    }
  }
  requireAxes(fields, name, axes ?? []);
  return { name, elementType, axes };
}

function readAxes(fields: Fields): (number | string)[] {
  const axes: (number | string)[] = [];
  while (fields.next()) {
    if (fields.number !== 1) continue;
    if (axes.length === onnxLimits.rank) fields.fail(`has more than ${onnxLimits.rank} axes`);
    const dimension = fields.message('an axis');
    let axis: number | string = '';
    while (dimension.next()) {
      if (dimension.number > 2) continue;
      if (axis !== '') dimension.fail('has two extents');
      axis = dimension.number === 1 ? dimension.int() : dimension.text();
    }
    axes.push(axis);
  }
  return axes;
}

function requireAxes(fields: Fields, name: string, axes: readonly (number | string)[]): void {
  let size = 1;
  for (const axis of axes) {
    if (typeof axis === 'string') continue;
    if (axis < 1)
      fields.source.fail(`${JSON.stringify(name)} has the extent ${axis} in [${axes.join(', ')}]`);
    size *= axis;
    if (axis > onnxLimits.elements || size > onnxLimits.elements)
      fields.source.fail(
        `${JSON.stringify(name)} has the shape [${axes.join(', ')}], more than ${onnxLimits.elements} elements`,
      );
  }
}
