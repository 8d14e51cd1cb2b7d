import { equals } from '@bufbuild/protobuf';
import { AttributeProtoSchema, type GraphProto, type NodeProto, type TensorProto } from 'onnx-buf';

/** Where a node's input comes from, in terms that graphs of other sizes share. */
export type Origin =
  | { readonly kind: 'none' }
  | { readonly kind: 'graph'; readonly key: string }
  | { readonly kind: 'stored'; readonly tensor: TensorProto };

/** A graph whose nodes can be compared, one after another, with those of another graph. */
export class ComparableGraph {
  readonly graph: GraphProto;
  readonly #origins = new Map<string, Origin>([['', { kind: 'none' }]]);

  constructor(graph: GraphProto) {
    this.graph = graph;
    for (const { name } of graph.input) this.#origins.set(name, { kind: 'graph', key: name });
    for (const tensor of graph.initializer)
      this.#origins.set(tensor.name, { kind: 'stored', tensor });
    for (const [place, { output }] of graph.node.entries())
      for (const [index, name] of output.entries())
        this.#origins.set(name, { kind: 'graph', key: `${place}.${index}` });
  }

  origin(name: string): Origin {
    return this.#origins.get(name)!;
  }
}

/** Whether two nodes do the same with the same number of inputs. */
export function sameOperation(a: NodeProto, b: NodeProto): boolean {
  return (
    a.opType === b.opType &&
    a.domain === b.domain &&
    a.input.length === b.input.length &&
    a.attribute.length === b.attribute.length &&
    a.attribute.every((attribute, index) =>
      equals(AttributeProtoSchema, attribute, b.attribute[index]!),
    )
  );
}

/** Whether two stored tensors are the same bytes in the same shape. */
export function sameTensor(a: TensorProto, b: TensorProto): boolean {
  if (a === b) return true;
  const [left, right] = [a.rawData, b.rawData];
  return (
    a.dataType === b.dataType &&
    a.dims.join() === b.dims.join() &&
    left.length === right.length &&
    // Parameters are the very same memory at every size.
    ((left.buffer === right.buffer && left.byteOffset === right.byteOffset) ||
      left.every((byte, place) => byte === right[place]))
  );
}
