import { create, toBinary } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, type NodeProto, NodeProtoSchema } from 'onnx-buf';
import { ModelError } from '../../../tensor/errors.js';
import { type LoweredGraph, lowerToModel, type OnnxModel } from '../lower.js';
import { ComparableGraph } from './comparable-graph.js';
import { axisOf, type DynamicValue, dependsOnSize, dynamicValue } from './dynamic-values.js';
import { generalise } from './generalise.js';
import { SizeArithmetic, type SizeSource } from './size-arithmetic.js';
import { sampleSizes } from './size-fit.js';

/** A graph that can be built for many sizes. */
export interface SizedGraph {
  /** The graph for pictures of height x width pixels. */
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
  throw new ModelError(name, 'cannot have dynamic axes: none of its inputs is a picture');
}

/** A reshape of an input to whole multiples, which fails at every other size. */
function guardOf({ name, shape }: DynamicValue, arithmetic: SizeArithmetic): NodeProto {
  return create(NodeProtoSchema, {
    opType: 'Reshape',
    input: [name, arithmetic.values(shape, [shape.fixed.length])],
    output: [`%${name} in whole multiples`],
  });
}
