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
