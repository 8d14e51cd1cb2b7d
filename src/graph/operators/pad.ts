import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';

/** What lies beyond the border: a constant, the mirrored inside (border not doubled), or the border itself. */
export type PadMode = 'constant' | 'reflect' | 'edge';

/** Elements added before and after, per axis; all at least 0. */
export type Padding = readonly (readonly [number, number])[];

interface PadAttributes {
  readonly padding: Padding;
  readonly mode: PadMode;
  readonly value: number;
}

const operator: Operator<PadAttributes> = {
  name: 'pad',
  infer: ([x], { padding, mode, value }) => {
    const counts = padding.flat();
    if (
      padding.length !== x!.shape.length ||
      counts.some((count) => !(Number.isInteger(count) && count >= 0))
    )
      throw new ParameterError('pad padding', `${x!.shape.length} pairs of counts >= 0`, counts);
    if (value !== 0) requireFloat('pad', x!);
    const shape = x!.shape.map((extent, axis) => {
      const [before, after] = padding[axis]!;
      if (mode === 'reflect' && Math.max(before, after) >= extent)
        throw new ParameterError('pad padding', `less than the extent ${extent} to reflect`, [
          before,
          after,
        ]);
      return extent + before + after;
    });
    return { shape, dataType: x!.dataType };
  },
  lower: (emitter, [x], { attributes: { padding, mode, value } }) => {
    const counts = [...padding.map(([before]) => before), ...padding.map(([, after]) => after)];
    const inputs = [x!, emitter.ints(counts)];
    if (value !== 0) inputs.push(emitter.constant(tensor([], [value])));
    return emitter.node('Pad', inputs, { mode: { text: mode } });
  },
  gradient: ({ inputs: [x], attributes: { padding, mode } }, upstream, operators) => {
    let gradient = upstream;
    padding.forEach(([before, after], axis) => {
      if (before > 0 || after > 0)
        gradient = foldBack(gradient, axis, [before, x!.shape[axis]!, after], mode, operators);
    });
    return [gradient];
  },
};

function foldBack(
  upstream: Value,
  axis: number,
  [before, extent, after]: readonly [number, number, number],
  mode: PadMode,
  { add, flip, pad, reduceSum, slice }: Operators,
): Value {
  const place = (part: Value, start: number): Value =>
    pad(
      part,
      part.shape.map((length, index) =>
        index === axis ? [start, extent - start - length] : [0, 0],
      ),
    );
  const fold = (part: Value): Value =>
    mode === 'edge' ? reduceSum(part, [axis]) : flip(part, axis);
  let result = slice(upstream, axis, before, before + extent);
  if (mode === 'constant') return result;
  if (before > 0)
    result = add(result, place(fold(slice(upstream, axis, 0, before)), mode === 'edge' ? 0 : 1));
  if (after > 0) {
    const part = fold(slice(upstream, axis, before + extent, before + extent + after));
    result = add(result, place(part, mode === 'edge' ? extent - 1 : extent - 1 - after));
  }
  return result;
}

/** x with elements added around it. */
export function pad(x: Value, padding: Padding, mode: PadMode = 'constant', value = 0): Value {
  if (padding.every(([before, after]) => before === 0 && after === 0)) return x;
  return apply(operator, [x], { padding, mode, value });
}
