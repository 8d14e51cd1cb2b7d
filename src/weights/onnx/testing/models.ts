import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf';

export type Axis = number | bigint | string;

const FLOAT = 1;

/** An input or output as protobuf describes it. */
export function value(
  name: string,
  axes: readonly Axis[],
  elemType = FLOAT,
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = axes.map((axis) => dimension(axis));
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } };
}

function dimension(axis: Axis) {
  return create(TensorShapeProto_DimensionSchema, {
    value:
      typeof axis === 'string'
        ? { case: 'dimParam', value: axis }
        : { case: 'dimValue', value: BigInt(axis) },
  });
}

/** A stored float32 tensor, or one of another type over the given bytes. */
export function stored(
  name: string,
  dims: readonly number[],
  bytes?: Uint8Array,
  dataType = FLOAT,
) {
  const size = dims.reduce((product, extent) => product * extent, 4);
  return create(TensorProtoSchema, {
    name,
    dims: dims.map((extent) => BigInt(extent)),
    dataType,
    rawData: new Uint8Array(bytes ?? new Uint8Array(Math.max(0, size))),
  });
}

export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  more: MessageInitShape<typeof NodeProtoSchema> = {},
): MessageInitShape<typeof NodeProtoSchema> => ({
  opType,
  input: [...input],
  output: [...output],
  ...more,
});

/** A small good graph: y = x + bias, on images of any size. */
export const smallGraph = {
  name: 'g',
  node: [node('Add', ['x', 'bias'], ['y'])],
  initializer: [stored('bias', [1, 3, 1, 1])],
  input: [value('x', ['N', 3, 'h', 'w'])],
  output: [value('y', ['N', 3, 'h', 'w'])],
} satisfies MessageInitShape<typeof GraphProtoSchema>;

/** An ONNX file of a graph that differs from `smallGraph`. */
export function model(
  graph: MessageInitShape<typeof GraphProtoSchema> = {},
  rest: MessageInitShape<typeof ModelProtoSchema> = {},
): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      producerName: 'test',
      opsetImport: [{ domain: '', version: 17n }],
      graph: create(GraphProtoSchema, { ...smallGraph, ...graph }),
      ...rest,
    }),
  );
}

/** A file with some of its messages changed. */
export function edited(bytes: Uint8Array, change: (model: ModelProto) => void): Uint8Array {
  const message = fromBinary(ModelProtoSchema, bytes);
  change(message);
  return toBinary(ModelProtoSchema, message);
}

/** A file whose inputs and outputs have other axes, such as names for dynamic ones. */
export function withAxes(
  bytes: Uint8Array,
  axes: Readonly<Record<string, readonly Axis[]>>,
): Uint8Array {
  return edited(bytes, ({ graph }) => {
    for (const info of [...(graph as GraphProto).input, ...(graph as GraphProto).output]) {
      const wanted = axes[info.name];
      const type = info.type?.value;
      if (wanted !== undefined && type?.case === 'tensorType')
        type.value.shape!.dim = wanted.map(dimension);
    }
  });
}
