import type { DataType } from '../tensor/tensor.js';
import type { OnnxEmitter } from './lowering/onnx-emitter.js';
import type { Operators } from './operators/index.js';

/** Element type and static shape of a value. */
export interface ValueType {
  readonly shape: readonly number[];
  readonly dataType: DataType;
}

/** A node of a static-shape graph: what one operator makes of its inputs. Immutable. */
export interface Value<A = unknown> extends ValueType {
  readonly operator: Operator<A>;
  readonly inputs: readonly Value[];
  readonly attributes: A;
}

/** Everything the toolkit knows of one operation. A new operator is one object of this type. */
export interface Operator<A = unknown> {
  readonly name: string;
  /**
   * Type of the result.
   * @throws ParameterError where the inputs do not fit.
   */
  infer(inputs: readonly ValueType[], attributes: A): ValueType;
  /** Emits ONNX nodes for `node` and returns the name of the result. */
  lower(emitter: OnnxEmitter, inputs: readonly string[], node: Value<A>): string;
  /**
   * Gradients with respect to each input, `upstream` being the gradient with respect to the
   * result; `undefined` where an input has none. Absent where the operation has no gradient.
   */
  gradient?(node: Value<A>, upstream: Value, operators: Operators): readonly (Value | undefined)[];
  /** Multiply-adds of one evaluation; 0 where absent. */
  macs?(node: Value<A>): number;
}

/**
 * Applies an operator.
 * @throws ParameterError where the operator refuses its inputs.
 */
export function apply<A>(operator: Operator<A>, inputs: readonly Value[], attributes: A): Value<A> {
  const { shape, dataType } = operator.infer(inputs, attributes);
  return { operator, inputs, attributes, shape, dataType };
}

/** Every value that `outputs` depend on, each after its inputs; the order depends on the graph alone. */
export function topologicalOrder(outputs: readonly Value[]): Value[] {
  const order: Value[] = [];
  const finished = new Set<Value>();
  const stack = [...outputs].reverse().map((value) => ({ value, next: 0 }));
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (finished.has(top.value)) {
      stack.pop();
      continue;
    }
    const following = top.value.inputs[top.next];
    if (following === undefined) {
      finished.add(top.value);
      order.push(top.value);
      stack.pop();
    } else {
      top.next += 1;
      if (!finished.has(following)) stack.push({ value: following, next: 0 });
    }
  }
  return order;
}

/** The same names with what `change` makes of their values. */
export function mapOutputs<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
  change: (value: Value) => Value,
): Record<keyof Outputs, Value> {
  const entries = Object.entries(outputs).map(([name, value]) => [name, change(value)]);
  return Object.fromEntries(entries) as Record<keyof Outputs, Value>;
}

/**
 * The same outputs with some values replaced. What depends on none of these stays the very same value.
 * @param replacement of a value, undefined for none. It is asked once for each value, after those that
 * this one depends on; `now` tells what has become of them.
 */
export function rewriteGraph<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
  replacement: (node: Value, now: (value: Value) => Value) => Value | undefined,
): Record<keyof Outputs, Value> {
  const rewritten = new Map<Value, Value>();
  const now = (value: Value): Value => rewritten.get(value) ?? value;
  for (const node of topologicalOrder(Object.values(outputs))) {
    const replaced = replacement(node, now);
    if (replaced !== undefined) rewritten.set(node, replaced);
    else if (node.inputs.some((value) => now(value) !== value))
      rewritten.set(node, apply(node.operator, node.inputs.map(now), node.attributes));
  }
  return mapOutputs(outputs, now);
}
