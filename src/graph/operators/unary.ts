import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';

/** An elementwise float32 operator of one input that is one ONNX operator. */
export function defineUnary(
  name: string,
  onnxName: string,
  gradient: (node: Value<null>, upstream: Value, operators: Operators) => Value | undefined,
): (x: Value) => Value {
  const operator: Operator<null> = {
    name,
    infer: ([x]) => {
      requireFloat(name, x!);
      return { shape: x!.shape, dataType: x!.dataType };
    },
    lower: (emitter, inputs) => emitter.node(onnxName, inputs),
    gradient: (node, upstream, operators) => [gradient(node, upstream, operators)],
  };
  return (x) => apply(operator, [x], null);
}
