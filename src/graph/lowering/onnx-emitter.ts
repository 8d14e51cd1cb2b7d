import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { type DataType, type Tensor, typedTensor } from '../../tensor/tensor.js';
import { ModelError } from '../../utils/errors.js';
import type { ValueType } from '../value.js';

/** The ONNX operator set that graphs are written for. */
const OPSET = 19;
const IR_VERSION = 9n;

/** An attribute of an ONNX node. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly text: string };

const elementTypes: Record<DataType, TensorProto_DataType> = {
  float64: TensorProto_DataType.DOUBLE,
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  bfloat16: TensorProto_DataType.BFLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int16: TensorProto_DataType.INT16,
  int8: TensorProto_DataType.INT8,
  uint16: TensorProto_DataType.UINT16,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
};

/** The ONNX number of a data type, for `Cast`. */
export function onnxElementType(dataType: DataType): number {
  return elementTypes[dataType];
}

/** Collects the nodes of one ONNX graph. Operators write into it when they are lowered. */
export class OnnxEmitter {
  readonly #weights: ReadonlyMap<string, Tensor>;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs = new Map<string, ValueInfoProto>();
  readonly #smallConstants = new Map<string, string>();
  readonly #lists = new WeakMap<readonly number[], string>();
  readonly #declared = new Set<string>();
  readonly #domains = new Set(['']);
  #names = 0;

  /** Parameters found in `weights` become part of the model, others become its inputs. */
  constructor(weights: ReadonlyMap<string, Tensor> = new Map()) {
    this.#weights = weights;
  }

  /** Names of the graph inputs emitted so far. */
  get inputs(): string[] {
    return [...this.#inputs.keys()];
  }

  /** Values of a parameter that becomes part of the model; undefined where it becomes an input. */
  weights(name: string): Tensor | undefined {
    return this.#weights.get(name);
  }

  /**
   * Adds a node with one result and returns the result's name.
   * @param domain the operator's set where it is not ONNX's own.
   */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): string {
    const output = this.#fresh();
    this.#domains.add(domain);
    this.#nodes.push(
      create(NodeProtoSchema, {
        opType: operator,
        domain,
        input: [...inputs],
        output: [output],
        attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      }),
    );
    return output;
  }

  /** A constant's name; equal small constants are stored once. */
  constant(value: Tensor<DataType>): string {
    const key = value.data.length <= 16 ? keyOf(value) : '';
    const known = this.#smallConstants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh();
    this.#initializers.push(tensorProto(name, value));
    if (key !== '') this.#smallConstants.set(key, name);
    return name;
  }

  /** A constant 1-D int64 tensor, as ONNX wants shapes and axes; one array is stored once. */
  ints(values: readonly number[]): string {
    const known = this.#lists.get(values);
    if (known !== undefined) return known;
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    const name = this.constant(typedTensor('int64', [values.length], data));
    this.#lists.set(values, name);
    return name;
  }

  /**
   * A graph input of the given name.
   * @throws ModelError where the name is taken by another input or parameter.
   */
  input(name: string, type: ValueType): string {
    this.#declare(name);
    this.#inputs.set(name, valueInfo(name, type));
    return name;
  }

  /**
   * A parameter: part of the model where its weights are known, a graph input otherwise.
   * @throws ModelError where the weights have another shape, or the name is taken.
   */
  parameter(name: string, type: ValueType): string {
    const weights = this.#weights.get(name);
    if (weights === undefined) return this.input(name, type);
    if (weights.shape.join() !== type.shape.join())
      throw new ModelError(name, 'has the wrong shape', {
        expected: `[${type.shape}]`,
        received: `[${weights.shape}]`,
      });
    this.#declare(name);
    this.#initializers.push(tensorProto(name, weights));
    return name;
  }

  #declare(name: string): void {
    if (this.#declared.has(name))
      throw new ModelError(name, 'is the name of two inputs, parameters or outputs of one graph');
    this.#declared.add(name);
  }

  /** A name that no parameter of a network has. */
  #fresh(): string {
    return `%${this.#names++}`;
  }

  /**
   * The model; `outputs` maps the model's output names to emitted values.
   * @throws ModelError where an output has the name of an input or parameter.
   */
  model(
    outputs: Readonly<Record<string, { readonly value: string; readonly type: ValueType }>>,
  ): ModelProto {
    for (const name of Object.keys(outputs)) this.#declare(name);
    const graph = create(GraphProtoSchema, {
      name: 'dp-ir',
      node: [
        ...this.#nodes,
        ...Object.entries(outputs).map(([name, { value }]) =>
          create(NodeProtoSchema, { opType: 'Identity', input: [value], output: [name] }),
        ),
      ],
      initializer: this.#initializers,
      input: [...this.#inputs.values()],
      output: Object.entries(outputs).map(([name, { type }]) => valueInfo(name, type)),
    });
    return create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'dp-ir',
      opsetImport: [...this.#domains].map((domain) =>
        create(OperatorSetIdProtoSchema, { domain, version: domain === '' ? BigInt(OPSET) : 1n }),
      ),
      graph,
    });
  }
}

/** Equal for equal bits only: -0 is not 0. */
function keyOf({ dataType, shape, data }: Tensor<DataType>): string {
  const texts: string[] = [];
  for (const value of data) texts.push(Object.is(value, -0) ? '-0' : String(value));
  return `${dataType}[${shape}]${texts}`;
}

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  if ('int' in value)
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INT,
      i: BigInt(value.int),
    });
  if ('ints' in value)
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: value.ints.map((entry) => BigInt(entry)),
    });
  if ('float' in value)
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.FLOAT,
      f: value.float,
    });
  if ('floats' in value)
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.FLOATS,
      floats: [...value.floats],
    });
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.STRING,
    s: new Uint8Array(new TextEncoder().encode(value.text)),
  });
}

/** A tensor as ONNX stores it; its data are shared, not copied. */
export function tensorProto(name: string, value: Tensor<DataType>): TensorProto {
  const { buffer, byteOffset, byteLength } = value.data;
  return create(TensorProtoSchema, {
    name,
    dataType: elementTypes[value.dataType],
    dims: value.shape.map((extent) => BigInt(extent)),
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}

function valueInfo(name: string, type: ValueType): ValueInfoProto {
  const dim = type.shape.map((extent) =>
    create(TensorShapeProto_DimensionSchema, {
      value: { case: 'dimValue', value: BigInt(extent) },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: elementTypes[type.dataType],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }),
  });
}
