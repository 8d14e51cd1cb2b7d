import { sizeOf } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { broadcastShapes, requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';

const operator: Operator<null> = {
  name: 'matmul',
  infer: ([x, y]) => {
    requireFloat('matmul', x!);
    requireFloat('matmul', y!);
    const [rows, inner] = x!.shape.slice(-2);
    const [innerToo, columns] = y!.shape.slice(-2);
    if (x!.shape.length < 2 || y!.shape.length < 2 || inner !== innerToo)
      throw new ParameterError('matmul', '[..., n, k] and [..., k, m]', [x!.shape, y!.shape]);
    const batch = broadcastShapes('matmul', x!.shape.slice(0, -2), y!.shape.slice(0, -2));
    return { shape: [...batch, rows!, columns!], dataType: 'float32' };
  },
  lower: (emitter, inputs) => emitter.node('MatMul', inputs),
  gradient: ({ inputs: [x, y] }, upstream, operators) => {
    const { matmul, sumTo } = operators;
    return [
      sumTo(matmul(upstream, swapLast(y!, operators)), x!.shape),
      y!.shape.length === 2
        ? matmul(swapLast(stacked(x!, operators), operators), stacked(upstream, operators))
        : sumTo(matmul(swapLast(x!, operators), upstream), y!.shape),
    ];
  },
  macs: (node) => sizeOf(node.shape) * node.inputs[0]!.shape.at(-1)!,
};

/** All matrices of x below each other: one product then sums over them, faster than a sum of many. */
function stacked(x: Value, { reshape }: Operators): Value {
  const columns = x.shape.at(-1)!;
  return reshape(x, [sizeOf(x.shape) / columns, columns]);
}

function swapLast(x: Value, { transpose }: Operators): Value {
  const rank = x.shape.length;
  const permutation = x.shape.map((_, axis) => axis);
  permutation[rank - 2] = rank - 1;
  permutation[rank - 1] = rank - 2;
  return transpose(x, permutation);
}

/** Matrix products of the last two axes, the others broadcast. */
export function matmul(x: Value, y: Value): Value {
  return apply(operator, [x, y], null);
}
