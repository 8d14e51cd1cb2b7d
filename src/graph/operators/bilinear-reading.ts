import { typedTensor } from '../../tensor/tensor.js';
import { constant, scalar } from '../leaves.js';
import type { Value } from '../value.js';
import type { Operators } from './index.js';

/** What reading pictures between their pixels gives, and how that changes with its inputs. */
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
 * Pictures [B, C, H, W] read at real rows and columns [B, L], zeros beyond the border: the four
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
