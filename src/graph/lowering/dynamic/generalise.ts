import { create } from '@bufbuild/protobuf';
import { type NodeProto, NodeProtoSchema, type TensorProto, TensorProto_DataType } from 'onnx-buf';
import { ModelError } from '../../../tensor/errors.js';
import { type ComparableGraph, sameOperation, sameTensor } from './comparable-graph.js';
import type { SizeArithmetic } from './size-arithmetic.js';
import { fitSizes, type Units } from './size-fit.js';

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
export function generalise(
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
