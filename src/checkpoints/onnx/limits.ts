/** What an ONNX file may ask for; far beyond published networks, far below what hurts. */
export const onnxLimits = {
  /** Bytes of a file: protobuf itself ends here. */
  bytes: 2 ** 31 - 1,
  /** Protobuf fields that are read, over the whole file. */
  fields: 4_000_000,
  /** Graphs inside graphs: bodies of If, Loop and Scan. */
  depth: 8,
  nodes: 200_000,
  initializers: 200_000,
  /** Bytes of a name. */
  text: 4096,
  /** Axes of a tensor. */
  rank: 16,
  /** Elements of a tensor that the graph makes of a stored shape. */
  filled: 2 ** 28,
  /** Elements that an operator with stored scales makes of one. */
  enlarged: 2 ** 16,
  /** Elements of a stored tensor, and of a picture. */
  elements: 2 ** 31,
} as const;
