import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';

const { INT64, DOUBLE, FLOAT } = TensorProto_DataType;

type Named = Record<string, readonly number[]>;

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Record<string, readonly number[]>;
  readonly integer?: Record<string, number>;
}

interface Model {
  readonly inputs: Named;
  readonly outputs: Named;
  readonly nodes: readonly Node[];
  /** float32 constants: shape and values. */
  readonly constants?: Record<string, { shape: readonly number[]; values: Float32Array }>;
  readonly dataType?: TensorProto_DataType;
}

/** ONNX bytes of a small graph. */
export function onnx(model: Model): Uint8Array {
  const dataType = model.dataType ?? TensorProto_DataType.FLOAT;
  const values = (named: Named): GraphProto['input'] =>
    Object.entries(named).map(([name, shape]) =>
      create(ValueInfoProtoSchema, { name, type: tensorType(shape, dataType) }),
    );
  const graph = create(GraphProtoSchema, {
    name: 'test',
    input: values(model.inputs),
    output: values(model.outputs),
    node: model.nodes.map((node) =>
      create(NodeProtoSchema, {
        opType: node.operator,
        input: [...node.inputs],
        output: [...node.outputs],
        attribute: [
          ...Object.entries(node.attributes ?? {}).map(integersAttribute),
          ...Object.entries(node.integer ?? {}).map(integerAttribute),
        ],
      }),
    ),
    initializer: Object.entries(model.constants ?? {}).map(([name, { shape, values: data }]) =>
      create(TensorProtoSchema, {
        name,
        dataType: TensorProto_DataType.FLOAT,
        dims: shape.map(BigInt),
        rawData: Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
      }),
    ),
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      graph,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })],
    }),
  );
}

/** y = x + x over a data type and shape. */
export function doubling(
  shape: readonly number[],
  dataType: TensorProto_DataType = TensorProto_DataType.FLOAT,
): Uint8Array {
  return onnx({
    inputs: { x: shape },
    outputs: { y: shape },
    nodes: [{ operator: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
    dataType,
  });
}

/** y = 3x in double precision, which WebGPU lacks. */
export function unsupportedByWebGpu(): Uint8Array {
  return onnx({
    inputs: { x: [1] },
    outputs: { y: [1] },
    nodes: [
      { operator: 'Cast', inputs: ['x'], outputs: ['wide'], integer: { to: DOUBLE } },
      { operator: 'Add', inputs: ['wide', 'wide'], outputs: ['twice'] },
      { operator: 'Add', inputs: ['twice', 'wide'], outputs: ['thrice'] },
      { operator: 'Cast', inputs: ['thrice'], outputs: ['y'], integer: { to: FLOAT } },
    ],
  });
}

/** y = zeros of as many elements as the int64 input x says, summed up in the end. */
export function allocation(): Uint8Array {
  return onnx({
    inputs: { x: [1] },
    outputs: { y: [1] },
    nodes: [
      { operator: 'ConstantOfShape', inputs: ['x'], outputs: ['zeros'] },
      { operator: 'Cast', inputs: ['zeros'], outputs: ['whole'], integer: { to: INT64 } },
      { operator: 'ReduceSum', inputs: ['whole'], outputs: ['y'] },
    ],
    dataType: INT64,
  });
}

/** A chain of 3x3 convolutions on [1, channels, size, size] with fixed, uneven weights. */
export function convolutions(channels: number, size: number, depth: number): Uint8Array {
  const shape = [1, channels, size, size];
  const weights = Float32Array.from(
    { length: channels * channels * 9 },
    (_, i) => Math.sin(i * 1.7) / Math.sqrt(channels * 9),
  );
  const names = Array.from({ length: depth + 1 }, (_, i) => (i === depth ? 'y' : `x${i}`));
  names[0] = 'x';
  return onnx({
    inputs: { x: shape },
    outputs: { y: shape },
    constants: { w: { shape: [channels, channels, 3, 3], values: weights } },
    nodes: Array.from({ length: depth }, (_, i) => ({
      operator: 'Conv',
      inputs: [names[i]!, 'w'],
      outputs: [names[i + 1]!],
      attributes: { pads: [1, 1, 1, 1] },
    })),
  });
}

function integersAttribute([name, ints]: [string, readonly number[]]): AttributeProto {
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.INTS,
    ints: ints.map(BigInt),
  });
}

function integerAttribute([name, i]: [string, number]): AttributeProto {
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.INT,
    i: BigInt(i),
  });
}

function tensorType(shape: readonly number[], elemType: TensorProto_DataType) {
  return create(TypeProtoSchema, {
    value: {
      case: 'tensorType',
      value: create(TypeProto_TensorSchema, {
        elemType,
        shape: create(TensorShapeProtoSchema, {
          dim: shape.map((extent) =>
            create(TensorShapeProto_DimensionSchema, {
              value: { case: 'dimValue', value: BigInt(extent) },
            }),
          ),
        }),
      }),
    },
  });
}
