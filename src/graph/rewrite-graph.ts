import { apply, topologicalOrder, type Value } from './value.js';

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
