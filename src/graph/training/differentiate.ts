import { sizeOf } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { isConstant, isInput, isParameter, scalar } from '../leaves.js';
import { bytesOf } from '../lowering/peak-memory.js';
import * as operators from '../operators/index.js';
import { add, mul, reduceSum, reshape, slice } from '../operators/index.js';
import { apply, topologicalOrder, type Value } from '../value.js';

/**
 * Reverse-mode derivatives of a scalar with respect to each of `variables`, as values of the
 * same graph. A variable that the loss does not depend on gets zeros.
 * @throws ParameterError where the loss is no scalar, or an operator on the way has no gradient.
 */
export function gradients(loss: Value, variables: readonly Value[]): Value[] {
  if (sizeOf(loss.shape) !== 1) throw new ParameterError('loss', 'one element', loss.shape);
  const order = topologicalOrder([loss]);
  const needed = new Set<Value>(variables);
  for (const node of order) if (node.inputs.some((value) => needed.has(value))) needed.add(node);

  const upstream = new Map<Value, Value>([[loss, operators.expand(scalar(1), loss.shape)]]);
  for (const node of order.reverse()) {
    const arriving = upstream.get(node);
    if (arriving === undefined || !node.inputs.some((value) => needed.has(value))) continue;
    if (node.operator.gradient === undefined)
      throw new ParameterError('loss', 'differentiable operators', node.operator.name);
    const leaving = node.operator.gradient(node, arriving, operators);
    node.inputs.forEach((value, index) => {
      const gradient = leaving[index];
      if (gradient === undefined || !needed.has(value)) return;
      const before = upstream.get(value);
      upstream.set(value, before === undefined ? gradient : operators.add(before, gradient));
    });
  }
  return variables.map((value) => upstream.get(value) ?? operators.expand(scalar(0), value.shape));
}

/** A loss with its derivatives. */
export interface LossAndGradients {
  readonly loss: Value;
  /** With respect to each variable. */
  readonly gradients: readonly Value[];
}

/** A stretch of a graph, and the values in it or before it that later stretches read. */
interface Segment {
  readonly nodes: readonly Value[];
  readonly ends: readonly Value[];
}

/**
 * The derivatives of `gradients`, with less memory and more work: of the way from the variables to
 * the loss only what passes between `segments` stretches is kept, and each stretch but the last is
 * computed a second time when its turn in the backward pass comes (Chen et al., 2016). The figures
 * differ by the rounding of sums at most.
 *
 * A runtime would take the second computation for the first one, or begin with it, so it is bound to
 * the gradient that arrives: what it starts from is multiplied by one plus zero times that.
 * @param variables parameters or inputs.
 * @throws ParameterError where the loss is no scalar or an operator on the way has no gradient.
 */
export function rematerialisedGradients(
  loss: Value,
  variables: readonly Value[],
  segments: number,
): LossAndGradients {
  if (!Number.isInteger(segments) || segments < 1)
    throw new ParameterError('segments', 'a positive integer', segments);
  const parts = segmentsOf(loss, variables, segments);
  if (parts.length < 2) return { loss, gradients: gradients(loss, variables) };
  const found = new Map<Value, Value>();
  let arriving = new Map<Value, Value>();
  let result = loss;
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const last = index === parts.length - 1;
    const starts = parts[index - 1]?.ends ?? [];
    const gate = last ? scalar(1) : gateBehind([...arriving.values()][0]!);
    const read = new Set(parts[index]!.nodes.flatMap(({ inputs }) => inputs));
    const used = variables.filter((value) => read.has(value));
    const made = copied(parts[index]!.nodes, [...starts, ...used], gate);
    if (last) result = made.get(loss)!;
    const total = last ? result : product(made, arriving);
    const leaves = [...starts, ...used];
    const slopes = gradients(
      total,
      leaves.map((value) => made.get(value)!),
    );
    arriving = new Map(starts.map((value, place) => [value, slopes[place]!]));
    used.forEach((value, place) => {
      const before = found.get(value);
      const slope = slopes[starts.length + place]!;
      found.set(value, before === undefined ? slope : add(before, slope));
    });
  }
  return {
    loss: result,
    gradients: variables.map((value) => found.get(value) ?? mul(value, scalar(0))),
  };
}

/** One, once `value` is known. */
function gateBehind(value: Value): Value {
  const first = slice(reshape(value, [sizeOf(value.shape)]), 0, 0, 1);
  return add(mul(reshape(first, []), scalar(0)), scalar(1));
}

/** The nodes anew, from `leaves` times `gate`. */
function copied(
  nodes: readonly Value[],
  leaves: readonly Value[],
  gate: Value,
): ReadonlyMap<Value, Value> {
  const made = new Map<Value, Value>(leaves.map((value) => [value, mul(value, gate)]));
  for (const node of nodes) {
    const inputs = node.inputs.map((value) => made.get(value) ?? value);
    made.set(node, apply(node.operator, inputs, node.attributes));
  }
  return made;
}

/** A scalar whose derivatives are those that arrive. */
function product(made: ReadonlyMap<Value, Value>, arriving: ReadonlyMap<Value, Value>): Value {
  const terms = [...arriving].map(([value, slope]) =>
    reduceSum(
      mul(made.get(value)!, slope),
      value.shape.map((_, axis) => axis),
      false,
    ),
  );
  return terms.reduce((sum, term) => add(sum, term));
}

/**
 * What depends on the variables, in stretches of about equal memory, each ended where little is read
 * later.
 */
function segmentsOf(loss: Value, variables: readonly Value[], count: number): Segment[] {
  const nodes = dependents(loss, new Set(variables));
  const lastUse = new Map<Value, number>();
  nodes.forEach((node, time) => {
    for (const value of node.inputs) lastUse.set(value, time);
  });
  const passing: Value[][] = [];
  let live: Value[] = [];
  nodes.forEach((node, time) => {
    live = [...live, node].filter((value) => (lastUse.get(value) ?? -1) > time);
    passing.push(live);
  });
  const sizes = nodes.map(bytesOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const window = total / count / 4;
  const ends = new Set<number>();
  for (let part = 1; part < count; part += 1) {
    let [best, least, passed] = [-1, Number.POSITIVE_INFINITY, 0];
    for (const [time, size] of sizes.entries()) {
      passed += size;
      if (Math.abs(passed - (part * total) / count) > window) continue;
      const values = passing[time]!;
      if (values.length === 0 || values.some(({ dataType }) => dataType !== 'float32')) continue;
      const kept = values.reduce((sum, value) => sum + bytesOf(value), 0);
      if (kept < least) [best, least] = [time, kept];
    }
    if (best >= 0) ends.add(best);
  }
  const times = [...ends, nodes.length - 1].sort((a, b) => a - b);
  return times.map((end, index) => ({
    nodes: nodes.slice(index === 0 ? 0 : times[index - 1]! + 1, end + 1),
    ends: passing[end]!,
  }));
}

/** Results on the way from the variables to the loss, each after its inputs. */
function dependents(loss: Value, variables: ReadonlySet<Value>): Value[] {
  const found = new Set<Value>();
  return topologicalOrder([loss]).filter((node) => {
    if (isInput(node) || isParameter(node) || isConstant(node)) return false;
    const depends = node.inputs.some((value) => found.has(value) || variables.has(value));
    if (depends) found.add(node);
    return depends;
  });
}
