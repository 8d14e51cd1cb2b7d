import { apply, type Operator, rewriteGraph, type Value } from '../../value.js';

/** Elements added (or, below 0, taken away) before and after, per axis. */
type Counts = readonly (readonly [before: number, after: number])[];

interface Window {
  readonly counts: Counts;
}

const operator: Operator<Window> = {
  name: 'window',
  infer: ([x], { counts }) => ({
    shape: x!.shape.map((extent, axis) => extent + counts[axis]![0] + counts[axis]![1]),
    dataType: x!.dataType,
  }),
  lower: (emitter, [x], { attributes: { counts } }) =>
    emitter.node('Pad', [
      x!,
      emitter.ints([...counts.map(([before]) => before), ...counts.map(([, after]) => after)]),
    ]),
};

/** A value as a window of another one, with zeros beyond it. */
interface Placed {
  readonly source: Value;
  readonly counts: Counts;
  readonly padded: boolean;
}

/**
 * The same outputs with every part of a value that was padded with zeros taken from the value
 * itself, in one copy instead of one for the padding and one for each axis; a part that is the
 * value is not copied at all. Gradients of kernels take one such part for each tap.
 */
export function joinShifts<Outputs extends Readonly<Record<string, Value>>>(
  outputs: Outputs,
): Record<keyof Outputs, Value> {
  const windows = new Map<Value, Placed>();
  return rewriteGraph(outputs, (node, now) => {
    const placed = placedBy(node, windows, now);
    if (placed !== undefined) windows.set(node, placed);
    return placed?.padded === true && node.operator.name === 'slice'
      ? window(placed.source, placed.counts)
      : undefined;
  });
}

/** `x` with zeros added around it and, by negative counts, parts taken away, in one copy or none. */
export function window(x: Value, counts: Counts): Value {
  const moved = counts.some(([before, after]) => before !== 0 || after !== 0);
  return moved ? apply(operator, [x], { counts }) : x;
}

function placedBy(
  node: Value,
  windows: ReadonlyMap<Value, Placed>,
  now: (value: Value) => Value,
): Placed | undefined {
  const x = node.inputs[0];
  if (x === undefined) return undefined;
  const changes = changesOf(node, x);
  if (changes === undefined) return undefined;
  const padded = node.operator.name === 'pad';
  const before = windows.get(x);
  return (
    (before && joined(before, changes, padded)) ??
    joined({ source: now(x), counts: x.shape.map(() => [0, 0]), padded: false }, changes, padded)
  );
}

/** What a node adds to each side of its operand, where that is all it does. */
function changesOf({ operator: { name }, attributes }: Value, x: Value): Counts | undefined {
  if (name === 'pad') {
    const { padding, mode, value } = attributes as PadAttributes;
    return mode === 'constant' && value === 0 ? padding : undefined;
  }
  if (name !== 'slice') return undefined;
  const { axis, start, end, step } = attributes as SliceAttributes;
  if (step !== 1) return undefined;
  return x.shape.map((extent, index) => (index === axis ? [-start, end - extent] : [0, 0]));
}

/** Both changes in one; undefined where something would be added that was taken away before. */
function joined({ source, counts, ...rest }: Placed, changes: Counts, padded: boolean) {
  const sums = counts.map(([before, after], axis): [number, number] => [
    before + changes[axis]![0],
    after + changes[axis]![1],
  ]);
  const fits = sums.every(([before, after], axis) => {
    const [earlier, later] = counts[axis]!;
    const [first, last] = changes[axis]!;
    const brought = (earlier < 0 && first > 0) || (later < 0 && last > 0);
    return !brought && source.shape[axis]! + Math.min(before, 0) + Math.min(after, 0) > 0;
  });
  return fits ? { source, counts: sums, padded: padded || rest.padded } : undefined;
}

interface PadAttributes {
  readonly padding: Counts;
  readonly mode: string;
  readonly value: number;
}

interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}
