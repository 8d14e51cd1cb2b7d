import { create, equals, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
} from 'onnx-buf';
import { ModelError } from '../../utils/errors.js';
import {
  axisOf,
  type DynamicValue,
  dependsOnSize,
  dynamicValue,
  fitSizes,
  SizeArithmetic,
  type SizeSource,
  sampleSizes,
  type Units,
} from './dynamic-sizes.js';
import { type LoweredGraph, lowerToModel, type OnnxModel } from './lower.js';

/** A graph that can be built for many sizes. */
export interface SizedGraph {
  /** The graph for images of height x width pixels. */
  build(height: number, width: number): LoweredGraph;
  /** Heights and widths are multiples of this. */
  readonly multiple: number;
  /** Smallest height and width. */
  readonly minimum: number;
  /** What messages call it. */
  readonly name: string;
}

/**
 * Writes a graph as one ONNX model for every height and width that are multiples of `multiple`;
 * other sizes are refused by the model at its run.
 *
 * The graph is lowered at several sizes. Where these differ in nothing but whole numbers that are
 * polynomials of the size (shapes, ends of slices), the model computes those at every run.
 * @throws ModelError where the graph itself depends on the size, such as by the masks of shifted
 * windows; it names the first node at which it does.
 */
export function lowerWithDynamicAxes(
  sized: SizedGraph,
): Pick<OnnxModel, 'bytes' | 'inputs' | 'outputs'> {
  const { build, multiple, minimum, name } = sized;
  const sizes = sampleSizes(Math.max(1, Math.ceil(minimum / multiple)));
  const lowered = sizes.map(({ height, width }) =>
    lowerToModel(build(height * multiple, width * multiple)),
  );
  const graphs = lowered.map(({ model }) => new ComparableGraph(model.graph!));
  const own = graphs[0]!.graph;
  const valuesOf = (kind: 'input' | 'output'): DynamicValue[] =>
    own[kind].map((_, index) => {
      const infos = graphs.map(({ graph }) => graph[kind][index]!);
      return dynamicValue(sizes, infos, multiple);
    });
  const [inputs, outputs] = [valuesOf('input'), valuesOf('output')];
  const arithmetic = new SizeArithmetic(sizeSource(inputs, multiple, name));
  const guards = inputs
    .filter((value) => multiple > 1 && dependsOnSize(value.shape))
    .map((value) => guardOf(value, arithmetic));
  const guarded = new Map(guards.map(({ input, output }) => [input[0]!, output[0]!]));
  const { nodes, initializers } = generalise(name, graphs, sizes, arithmetic, guarded);
  const graph = create(GraphProtoSchema, {
    name: own.name,
    node: [...arithmetic.nodes, ...guards, ...nodes],
    initializer: [...arithmetic.constants, ...initializers],
    input: inputs.map(({ declared }) => declared),
    output: outputs.map(({ declared }) => declared),
  });
  const model = create(ModelProtoSchema, { ...lowered[0]!.model, graph });
  return {
    bytes: toBinary(ModelProtoSchema, model),
    inputs: inputs.map((value) => value.name),
    outputs: outputs.map((value) => value.name),
  };
}

/** The input whose axes tell the size. */
function sizeSource(inputs: readonly DynamicValue[], multiple: number, name: string): SizeSource {
  for (const value of inputs) {
    const heightAxis = axisOf(value.shape, 'height', multiple);
    const widthAxis = axisOf(value.shape, 'width', multiple);
    if (heightAxis >= 0 && widthAxis >= 0)
      return { input: value.name, heightAxis, widthAxis, multiple };
  }
  throw new ModelError(name, 'cannot have dynamic axes: none of its inputs is an image');
}

/** A reshape of an input to whole multiples, which fails at every other size. */
function guardOf({ name, shape }: DynamicValue, arithmetic: SizeArithmetic): NodeProto {
  return create(NodeProtoSchema, {
    opType: 'Reshape',
    input: [name, arithmetic.values(shape, [shape.fixed.length])],
    output: [`%${name} in whole multiples`],
  });
}

/** The nodes of all sizes, and the tensors that they read. */
export interface GeneralNodes {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
}

/**
 * The nodes that graphs of several sizes have in common. Whole numbers in which they differ come
 * from `arithmetic`.
 * @param renamed names that take the place of graph inputs.
 * @throws ModelError that names the first node at which the graphs differ otherwise.
 */
function generalise(
  name: string,
  graphs: readonly ComparableGraph[],
  sizes: readonly Units[],
  arithmetic: SizeArithmetic,
  renamed: ReadonlyMap<string, string>,
): GeneralNodes {
  const [own] = graphs as [ComparableGraph];
  const known = new Map<string, string>();
  const initializers: TensorProto[] = [];
  const refuse = (what: string): never => {
    throw new ModelError(name, `cannot have dynamic axes: ${what}; export it for one size`);
  };
  const inputOf = (names: readonly string[], where: string): string => {
    const origins = names.map((entry, which) => graphs[which]!.origin(entry));
    const tensors = origins.flatMap((origin) => (origin.kind === 'stored' ? [origin.tensor] : []));
    if (tensors.length === 0 && new Set(origins.map(keyOf)).size === 1)
      return renamed.get(names[0]!) ?? names[0]!;
    if (tensors.length !== graphs.length)
      return refuse(`${where} reads other values at other sizes`);
    const key = names.join();
    const result = known.get(key) ?? stored(tensors, sizes, arithmetic, initializers);
    if (result === undefined)
      return refuse(
        `${where} reads a table [${tensors[0]!.dims}] that is made for one size, as the windows of attention and their masks are`,
      );
    known.set(key, result);
    return result;
  };
  const nodes = own.graph.node.map((node, place) => {
    const where = `its ${node.opType} (node ${place + 1} of ${own.graph.node.length})`;
    const alike = graphs.map(({ graph }) => graph.node[place]);
    if (!alike.every((other) => other !== undefined && sameOperation(node, other)))
      return refuse(`${where} is another one at other sizes`);
    const input = node.input.map((_, index) =>
      inputOf(
        alike.map((other) => other!.input[index]!),
        where,
      ),
    );
    return create(NodeProtoSchema, { ...node, input });
  });
  return { nodes, initializers };
}

function keyOf(origin: ReturnType<ComparableGraph['origin']>): string {
  return origin.kind === 'graph' ? origin.key : origin.kind;
}

/** The name that stands for a stored tensor at every size; `undefined` where there can be none. */
function stored(
  tensors: readonly TensorProto[],
  sizes: readonly Units[],
  arithmetic: SizeArithmetic,
  initializers: TensorProto[],
): string | undefined {
  const [first] = tensors as [TensorProto];
  if (tensors.every((tensor) => sameTensor(first, tensor))) {
    initializers.push(first);
    return first.name;
  }
  const whole = tensors.every(
    ({ dataType, dims }) =>
      dataType === TensorProto_DataType.INT64 && dims.join() === first.dims.join(),
  );
  if (!whole || first.dims.length === 0) return undefined;
  const fit = fitSizes(sizes, tensors.map(wholeNumbers));
  return fit === undefined ? undefined : arithmetic.values(fit, first.dims.map(Number));
}

function wholeNumbers({ rawData }: TensorProto): bigint[] {
  return [...new BigInt64Array(rawData.slice().buffer)];
}

/** Where a node's input comes from, in terms that graphs of other sizes share. */
export type Origin =
  | { readonly kind: 'none' }
  | { readonly kind: 'graph'; readonly key: string }
  | { readonly kind: 'stored'; readonly tensor: TensorProto };

/** A graph whose nodes can be compared, one after another, with those of another graph. */
class ComparableGraph {
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
function sameOperation(a: NodeProto, b: NodeProto): boolean {
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
function sameTensor(a: TensorProto, b: TensorProto): boolean {
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
