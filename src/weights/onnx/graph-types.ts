/** Graph, tensors and types of an ONNX file as they stand in it; weights stay where they are. */
export interface GraphPart {
  readonly nodes: readonly NodePart[];
  readonly initializers: readonly TensorPart[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface NodePart {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Tensors among its attributes. */
  readonly tensors: readonly TensorPart[];
  /** Bodies of control flow. */
  readonly graphs: readonly GraphPart[];
}

export interface TensorPart {
  readonly name: string;
  readonly elementType: string;
  readonly shape: readonly number[];
  /** Elements of short lists of int64, such as shapes. */
  readonly ints?: readonly number[];
  /** Elements of short lists of float32, such as scales. */
  readonly floats?: readonly number[];
}

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** `float32`, `float16`, `uint8`, ... or `no tensor` for sequences and maps. */
  readonly elementType: string;
  /**
   * Extents: a number where fixed, a name where dynamic (empty where it has none); `undefined`
   * where the file does not state the rank.
   */
  readonly axes: readonly (number | string)[] | undefined;
}

/** An element type of ONNX tensors and how TensorProto stores it outside of `raw_data`. */
interface ElementType {
  readonly name: string;
  readonly bits: number;
  /** Number of the field of TensorProto that lists its elements. */
  readonly field: number;
  /** Bytes of a number in that field; 0 for integers of varying length. */
  readonly width: 0 | 4 | 8;
  /** Numbers in that field for one element. */
  readonly numbers: number;
}

const list: readonly [number, string, number, number, (0 | 4 | 8)?, number?][] = [
  [1, 'float32', 32, 4, 4],
  [2, 'uint8', 8, 5],
  [3, 'int8', 8, 5],
  [4, 'uint16', 16, 5],
  [5, 'int16', 16, 5],
  [6, 'int32', 32, 5],
  [7, 'int64', 64, 7],
  [9, 'bool', 8, 5],
  [10, 'float16', 16, 5],
  [11, 'float64', 64, 10, 8],
  [12, 'uint32', 32, 11],
  [13, 'uint64', 64, 11],
  [14, 'complex64', 64, 4, 4, 2],
  [15, 'complex128', 128, 10, 8, 2],
  [16, 'bfloat16', 16, 5],
  [17, 'float8e4m3fn', 8, 5],
  [18, 'float8e4m3fnuz', 8, 5],
  [19, 'float8e5m2', 8, 5],
  [20, 'float8e5m2fnuz', 8, 5],
  [21, 'uint4', 4, 5, 0, 0.5],
  [22, 'int4', 4, 5, 0, 0.5],
];

/** Element types by their number in ONNX; text and later additions are not read. */
export const elementTypes: ReadonlyMap<number, ElementType> = new Map(
  list.map(([number, name, bits, field, width = 0, numbers = 1]) => [
    number,
    { name, bits, field, width, numbers },
  ]),
);
