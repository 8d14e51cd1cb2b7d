import type { OnnxEmitter } from '../lowering/onnx-emitter.js';
import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';

/**
 * An elementwise float32 operator of one input.
 * @param lowering the name of its ONNX operator, or what emits it.
 */
export function defineUnary(
  name: string,
  lowering: string | ((emitter: OnnxEmitter, x: string) => string),
  gradient: (node: Value<null>, upstream: Value, operators: Operators) => Value | undefined,
): (x: Value) => Value {
  const operator: Operator<null> = {
    name,
    infer: ([x]) => {
      requireFloat(name, x!);
      return { shape: x!.shape, dataType: x!.dataType };
    },
    lower: (emitter, inputs) =>
      typeof lowering === 'string' ? emitter.node(lowering, inputs) : lowering(emitter, inputs[0]!),
    gradient: (node, upstream, operators) => [gradient(node, upstream, operators)],
  };
  return (x) => apply(operator, [x], null);
}
