import { sizeOf, tensor, typedTensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { constant, scalar } from '../leaves.js';
import { requireFloat, requirePositiveIntegers, requireRank } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import type { Operators } from './index.js';
import { expand, reshape } from './layout.js';

/** What lies beyond the border of a sampled image: zeros, or the border itself. */
export type SamplePadding = 'zeros' | 'border';

interface SampleAttributes {
  readonly padding: SamplePadding;
  readonly alignCorners: boolean;
}

const gridSampleOperator: Operator<SampleAttributes> = {
  name: 'gridSample',
  infer: ([x, grid]) => {
    for (const value of [x!, grid!]) {
      requireFloat('gridSample', value);
      requireRank('gridSample', value, 4);
    }
    const [batch, channels] = x!.shape as [number, number, number, number];
    const [places, height, width, axes] = grid!.shape as [number, number, number, number];
    if (places !== batch || axes !== 2)
      throw new ParameterError('gridSample grid', `[${batch}, height, width, 2]`, grid!.shape);
    return { shape: [batch, channels, height, width], dataType: 'float32' };
  },
  lower: (emitter, inputs, { attributes: { padding, alignCorners } }) =>
    emitter.node('GridSample', inputs, {
      mode: { text: 'bilinear' },
      padding_mode: { text: padding },
      align_corners: { int: alignCorners ? 1 : 0 },
    }),
  gradient: sampleGradient,
};

function sampleGradient(
  { inputs: [x, grid], attributes: { padding, alignCorners } }: Value<SampleAttributes>,
  upstream: Value,
  operators: Operators,
): Value[] {
  const { cast, clip, concat, equal, mul, reshape, slice } = operators;
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const length = sizeOf(grid!.shape.slice(1, 3));
  const flat = reshape(grid!, [batch, length, 2]);
  const [across, down] = [width, height].map((extent, axis) => {
    const part = reshape(slice(flat, 2, axis, axis + 1), [batch, length]);
    const half = (alignCorners ? extent - 1 : extent) / 2;
    const place = operators.add(mul(part, scalar(half)), scalar((extent - 1) / 2));
    if (padding === 'zeros') return { place, pull: scalar(half) };
    const inside = clip(place, { minimum: 0, maximum: extent - 1 });
    return { place: inside, pull: mul(cast(equal(inside, place), 'float32'), scalar(half)) };
  });
  const reading = readBilinearly(x!, down!.place, across!.place, operators);
  const slopes = reading.gradient(reshape(upstream, [batch, channels, length]));
  const parts = [mul(slopes.columns, across!.pull), mul(slopes.rows, down!.pull)];
  const apart = parts.map((part) => reshape(part, [batch, length, 1]));
  return [slopes.image, reshape(concat(apart, 2), grid!.shape)];
}

/**
 * Images [N, C, H, W] read between their pixels, bilinearly, at the places of a grid
 * [N, height, width, 2], as PyTorch's `grid_sample`. A place is (x, y); -1 and 1 are the centres of
 * the border pixels with `alignCorners`, the outer edges of the image without.
 * @throws ParameterError where the grid does not fit.
 */
export function gridSample(
  x: Value,
  grid: Value,
  options: { readonly padding?: SamplePadding; readonly alignCorners?: boolean } = {},
): Value {
  const { padding = 'zeros', alignCorners = false } = options;
  return apply(gridSampleOperator, [x, grid], { padding, alignCorners });
}

interface ResizeAttributes {
  readonly size: readonly [number, number];
  readonly alignCorners: boolean;
}

const resizeBilinearOperator: Operator<ResizeAttributes> = {
  name: 'resizeBilinear',
  infer: ([x], { size }) => {
    requireFloat('resizeBilinear', x!);
    requireRank('resizeBilinear', x!, 4);
    requirePositiveIntegers('resizeBilinear size', size);
    return { shape: [...x!.shape.slice(0, 2), ...size], dataType: 'float32' };
  },
  lower: (emitter, [x], { shape, attributes: { alignCorners } }) =>
    emitter.node('Resize', [x!, '', '', emitter.ints(shape)], {
      mode: { text: 'linear' },
      coordinate_transformation_mode: { text: alignCorners ? 'align_corners' : 'half_pixel' },
    }),
  gradient: ({ inputs: [x], attributes: { size, alignCorners } }, upstream, operators) => {
    const [height, width] = x!.shape.slice(2) as [number, number];
    const rows = interpolationMatrix(height, size[0], alignCorners);
    const columns = interpolationMatrix(width, size[1], alignCorners);
    const { matmul, transpose } = operators;
    const alongRows = matmul(upstream, constant(columns));
    return [matmul(transpose(constant(rows), [1, 0]), alongRows)];
  },
};

/** The [to, from] matrix that interpolates linearly between samples of one axis. */
function interpolationMatrix(from: number, to: number, alignCorners: boolean) {
  const matrix = new Float32Array(to * from);
  for (let place = 0; place < to; place += 1) {
    const source = alignCorners
      ? to === 1
        ? 0
        : (place * (from - 1)) / (to - 1)
      : ((place + 0.5) * from) / to - 0.5;
    const clamped = Math.min(Math.max(source, 0), from - 1);
    const below = Math.floor(clamped);
    const above = Math.min(below + 1, from - 1);
    const share = clamped - below;
    matrix[place * from + below]! += 1 - share;
    matrix[place * from + above]! += share;
  }
  return tensor([to, from], matrix);
}

/** [N, C, H, W] interpolated linearly to `size`, as PyTorch's `interpolate` without antialiasing. */
export function resizeBilinear(
  x: Value,
  size: readonly [number, number],
  options: { readonly alignCorners?: boolean } = {},
): Value {
  return apply(resizeBilinearOperator, [x], { size, alignCorners: options.alignCorners ?? false });
}

/** [N, C, H, W] with every pixel repeated `factor` times along both axes. */
export function resizeNearest(x: Value, factor: number): Value {
  requireRank('resizeNearest', x, 4);
  requirePositiveIntegers('resizeNearest factor', [factor]);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const apart = reshape(x, [batch * channels, height, 1, width, 1]);
  const repeated = expand(apart, [batch * channels, height, factor, width, factor]);
  return reshape(repeated, [batch, channels, height * factor, width * factor]);
}

/** What reading images between their pixels gives, and how that changes with its inputs. */
export interface BilinearReading {
  /** [B, C, L]. */
  readonly values: Value;
  /** Gradients for one with respect to `values`. */
  gradient(upstream: Value): {
    /** [B, C, H, W]. */
    readonly image: Value;
    /** [B, L]. */
    readonly rows: Value;
    /** [B, L]. */
    readonly columns: Value;
  };
}

/**
 * Images [B, C, H, W] read at real rows and columns [B, L], zeros beyond the border: the four
 * pixels around each place, weighted by nearness, from operators that have gradients themselves.
 */
export function readBilinearly(
  image: Value,
  rows: Value,
  columns: Value,
  operators: Operators,
): BilinearReading {
  const { add, gatherElements, mul, pad, reduceSum, reshape, scatterElements, slice, sub } =
    operators;
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const down = split(rows, height, operators);
  const across = split(columns, width, operators);
  // A row and a column of zeros before and two after: every corner of every place is inside.
  const size = [height + 3, width + 3] as const;
  const margins = [
    [0, 0],
    [0, 0],
    [1, 2],
    [1, 2],
  ] as const;
  const length = size[0] * size[1];
  const flat = reshape(pad(image, margins), [batch, channels, length]);
  const corners = [0, 1].flatMap((row) =>
    [0, 1].map((column) => ({ row, column, ...cornerOf(row, column) })),
  );
  const valueAt = (row: number, column: number): Value =>
    corners.find((corner) => corner.row === row && corner.column === column)!.value;

  function cornerOf(row: number, column: number) {
    const step = integer(row * size[1] + column);
    const place = add(add(mul(down.cell, integer(size[1])), across.cell), step);
    const indices = operators.expand(perChannel(place), [batch, channels, rows.shape[1]!]);
    const weight = perChannel(mul(down.shares[row]!, across.shares[column]!));
    return { indices, weight, value: gatherElements(flat, 2, indices) };
  }

  /** [B, L] to [B, 1, L]. */
  function perChannel(x: Value): Value {
    return reshape(x, [batch, 1, x.shape[1]!]);
  }

  /** How fast the value changes along one axis, by the shares of the pixels along the other. */
  function slope(upstream: Value, differences: readonly Value[], other: Split, own: Split): Value {
    const [first, second] = differences.map((difference, index) =>
      mul(difference, perChannel(other.shares[index]!)),
    );
    return mul(reduceSum(mul(upstream, add(first!, second!)), [1], false), own.moving);
  }

  return {
    values: corners.map(({ value, weight }) => mul(value, weight)).reduce(add),
    gradient(upstream) {
      const spread = corners
        .map(({ indices, weight }) => scatterElements(mul(upstream, weight), 2, indices, length))
        .reduce(add);
      const padded = reshape(spread, [batch, channels, ...size]);
      const along = (axis: 0 | 1): Value[] =>
        [0, 1].map((other) =>
          axis === 0
            ? sub(valueAt(1, other), valueAt(0, other))
            : sub(valueAt(other, 1), valueAt(other, 0)),
        );
      return {
        image: slice(slice(padded, 2, 1, height + 1), 3, 1, width + 1),
        rows: slope(upstream, along(0), across, down),
        columns: slope(upstream, along(1), down, across),
      };
    },
  };
}

interface Split {
  /** Place of the pixel before, counted from one beyond the border, int64. */
  readonly cell: Value;
  /** Shares of the pixel before and of the one after. */
  readonly shares: readonly [Value, Value];
  /** 0 where the place is so far outside that moving it changes nothing, else 1. */
  readonly moving: Value;
}

/** Places along an axis as whole pixels and what remains. */
function split(places: Value, extent: number, operators: Operators): Split {
  const { add, cast, clip, equal, sub } = operators;
  const near = clip(places, { minimum: -1, maximum: extent });
  const positive = add(near, scalar(1));
  const cell = cast(positive, 'int64');
  const after = sub(positive, cast(cell, 'float32'));
  const moving = cast(equal(near, places), 'float32');
  return { cell, shares: [sub(scalar(1), after), after], moving };
}

function integer(value: number): Value {
  return constant(typedTensor('int64', [], BigInt64Array.of(BigInt(value))));
}
