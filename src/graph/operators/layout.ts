import { sizeOf, tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import {
  broadcastShapes,
  normalizeAxis,
  requireFloat,
  requirePositiveIntegers,
  requireRank,
  withExtent,
} from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';

const reshapeOperator: Operator<{ readonly shape: readonly number[] }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    requirePositiveIntegers('reshape shape', shape);
    if (sizeOf(shape) !== sizeOf(x!.shape))
      throw new ParameterError('reshape shape', `${sizeOf(x!.shape)} elements`, shape);
    return { shape, dataType: x!.dataType };
  },
  lower: (emitter, [x], { shape }) => emitter.node('Reshape', [x!, emitter.ints(shape)]),
  gradient: ({ inputs: [x] }, upstream, { reshape }) => [reshape(upstream, x!.shape)],
};

/** The same elements in row-major order under another shape. */
export function reshape(x: Value, shape: readonly number[]): Value {
  return apply(reshapeOperator, [x], { shape });
}

const transposeOperator: Operator<{ readonly permutation: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== x!.shape.length || sorted.some((axis, index) => axis !== index))
      throw new ParameterError('transpose', `an order of ${x!.shape.length} axes`, permutation);
    return { shape: permutation.map((axis) => x!.shape[axis]!), dataType: x!.dataType };
  },
  lower: (emitter, inputs, { attributes: { permutation } }) =>
    emitter.node('Transpose', inputs, { perm: { ints: permutation } }),
  gradient: ({ attributes: { permutation } }, upstream, { transpose }) => [
    transpose(
      upstream,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
};

/** x with its axes in another order: axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return apply(transposeOperator, [x], { permutation });
}

const expandOperator: Operator<{ readonly shape: readonly number[] }> = {
  name: 'expand',
  infer: ([x], { shape }) => {
    requirePositiveIntegers('expand shape', shape);
    if (broadcastShapes('expand', x!.shape, shape).join() !== shape.join())
      throw new ParameterError('expand shape', `a shape that [${x!.shape}] broadcasts to`, shape);
    return { shape, dataType: x!.dataType };
  },
  lower: (emitter, [x], { shape }) => emitter.node('Expand', [x!, emitter.ints(shape)]),
  gradient: ({ inputs: [x] }, upstream, { sumTo }) => [sumTo(upstream, x!.shape)],
};

/** x broadcast to a shape. */
export function expand(x: Value, shape: readonly number[]): Value {
  return x.shape.join() === shape.join() ? x : apply(expandOperator, [x], { shape });
}

const BEFORE_FIRST = -(2 ** 31);

const flipOperator: Operator<{ readonly axis: number }> = {
  name: 'flip',
  infer: ([x]) => ({ shape: x!.shape, dataType: x!.dataType }),
  lower: (emitter, [x], { attributes: { axis } }) =>
    emitter.node('Slice', [
      x!,
      emitter.ints([-1]),
      emitter.ints([BEFORE_FIRST]),
      emitter.ints([axis]),
      emitter.ints([-1]),
    ]),
  gradient: ({ attributes: { axis } }, upstream, { flip }) => [flip(upstream, axis)],
};

/** x with the order along one axis reversed. */
export function flip(x: Value, axis: number): Value {
  return apply(flipOperator, [x], { axis: normalizeAxis('flip', axis, x.shape.length) });
}

const concatOperator: Operator<{ readonly axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const first = inputs[0]!;
    for (const value of inputs)
      if (
        value.dataType !== first.dataType ||
        withExtent(value.shape, axis, 0).join() !== withExtent(first.shape, axis, 0).join()
      )
        throw new ParameterError(
          'concat',
          `${first.dataType} values shaped like [${first.shape}] but for axis ${axis}`,
          value.shape,
        );
    const extent = inputs.reduce((sum, value) => sum + value.shape[axis]!, 0);
    return { shape: withExtent(first.shape, axis, extent), dataType: first.dataType };
  },
  lower: (emitter, inputs, { attributes: { axis } }) =>
    emitter.node('Concat', inputs, { axis: { int: axis } }),
  gradient: ({ inputs, attributes: { axis } }, upstream, { slice }) => {
    let start = 0;
    return inputs.map((value) => {
      const end = start + value.shape[axis]!;
      const part = slice(upstream, axis, start, end);
      start = end;
      return part;
    });
  },
};

/** The values one after another along one axis. */
export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0];
  if (first === undefined) throw new ParameterError('concat', 'at least one value', 'none');
  if (values.length === 1) return first;
  return apply(concatOperator, values, { axis: normalizeAxis('concat', axis, first.shape.length) });
}

interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const sliceOperator: Operator<SliceAttributes> = {
  name: 'slice',
  infer: ([x], { axis, start, end, step }) => {
    const extent = x!.shape[axis]!;
    const whole = [start, end, step].every(Number.isInteger);
    if (!(whole && start >= 0 && start < end && end <= extent && step >= 1))
      throw new ParameterError('slice', `integers 0 <= start < end <= ${extent}, step >= 1`, [
        start,
        end,
        step,
      ]);
    const shape = withExtent(x!.shape, axis, Math.ceil((end - start) / step));
    return { shape, dataType: x!.dataType };
  },
  lower: (emitter, [x], { attributes: { axis, start, end, step } }) =>
    emitter.node('Slice', [
      x!,
      emitter.ints([start]),
      emitter.ints([end]),
      emitter.ints([axis]),
      emitter.ints([step]),
    ]),
  gradient: ({ inputs: [x], attributes, shape }, upstream, operators) => {
    const { axis, start, step } = attributes;
    const extent = x!.shape[axis]!;
    const count = shape[axis]!;
    let spread = upstream;
    if (step > 1) {
      const apart = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
      const padding = apart.map((_, index) => [0, index === axis + 1 ? step - 1 : 0] as const);
      spread = operators.reshape(
        operators.pad(operators.reshape(upstream, apart), padding),
        withExtent(shape, axis, count * step),
      );
    }
    const excess = start + count * step - extent;
    if (excess > 0) spread = operators.slice(spread, axis, 0, count * step - excess);
    const padding = x!.shape.map(
      (_, index) => (index === axis ? [start, Math.max(0, -excess)] : [0, 0]) as [number, number],
    );
    return [operators.pad(spread, padding)];
  },
};

/** Every `step`-th element of x from `start` up to, not including, `end` along one axis. */
export function slice(x: Value, axis: number, start: number, end: number, step = 1): Value {
  const normalized = normalizeAxis('slice', axis, x.shape.length);
  return apply(sliceOperator, [x], { axis: normalized, start, end, step });
}

/** What lies beyond the border: a constant, the mirrored inside (border not doubled), or the border itself. */
export type PadMode = 'constant' | 'reflect' | 'edge';

/** Elements added before and after, per axis; all at least 0. */
export type Padding = readonly (readonly [number, number])[];

interface PadAttributes {
  readonly padding: Padding;
  readonly mode: PadMode;
  readonly value: number;
}

const padOperator: Operator<PadAttributes> = {
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
  return apply(padOperator, [x], { padding, mode, value });
}

/** x moved by `shift` places along one axis, what leaves at one end entering at the other. */
export function roll(x: Value, axis: number, shift: number): Value {
  const normalized = normalizeAxis('roll', axis, x.shape.length);
  if (!Number.isInteger(shift)) throw new ParameterError('roll shift', 'an integer', shift);
  const extent = x.shape[normalized]!;
  const cut = (((extent - shift) % extent) + extent) % extent;
  if (cut === 0) return x;
  return concat([slice(x, normalized, cut, extent), slice(x, normalized, 0, cut)], normalized);
}

/** [N, C r^2, H, W] to [N, C, H r, W r], in PyTorch's channel order. */
export function pixelShuffle(x: Value, factor: number): Value {
  requireRank('pixelShuffle', x, 4);
  requirePositiveIntegers('pixelShuffle factor', [factor]);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const depth = channels / factor ** 2;
  if (!Number.isInteger(depth))
    throw new ParameterError('pixelShuffle', `a multiple of ${factor ** 2} channels`, channels);
  const apart = reshape(x, [batch, depth, factor, factor, height, width]);
  const woven = transpose(apart, [0, 1, 4, 2, 5, 3]);
  return reshape(woven, [batch, depth, height * factor, width * factor]);
}

/** [N, C, H r, W r] to [N, C r^2, H, W]: the inverse of `pixelShuffle`. */
export function pixelUnshuffle(x: Value, factor: number): Value {
  requireRank('pixelUnshuffle', x, 4);
  requirePositiveIntegers('pixelUnshuffle factor', [factor]);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (height % factor !== 0 || width % factor !== 0)
    throw new ParameterError('pixelUnshuffle', `a size divisible by ${factor}`, [height, width]);
  const [h, w] = [height / factor, width / factor];
  const apart = reshape(x, [batch, channels, h, factor, w, factor]);
  const woven = transpose(apart, [0, 1, 3, 5, 2, 4]);
  return reshape(woven, [batch, channels * factor ** 2, h, w]);
}
