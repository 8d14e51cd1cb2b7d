import type { WeightGradient } from '../../operators/convolutions.js';
import { concat, reshape, transpose } from '../../operators/layout.js';
import type { Value } from '../../value.js';
import { blockChannels, blockedConv2d } from './blocked-operators.js';
import { window } from './join-shifts.js';

/** Fewer channels in a row leave the runtime's convolutions half idle. */
const LEAST_CHANNELS = 32;

/**
 * Whether a convolution's gradient with respect to its kernels is a blocked convolution itself: of
 * the image, its columns taken for channels, with the gradient of the result.
 */
export function isBlockedWeightGradient(
  { inputs: [x], shape, attributes }: Value<WeightGradient>,
  block: number,
): boolean {
  const { stride, dilation, groups } = attributes;
  const [filters, channels, rows, columns] = shape as [number, number, number, number];
  const width = x!.shape[3]!;
  const whole = [filters, channels, width].every((extent) => extent % block === 0);
  const several = rows * columns > 1 && columns <= width;
  return (
    stride === 1 && dilation === 1 && groups === 1 && whole && several && channels >= LEAST_CHANNELS
  );
}

/**
 * A blocked image [N, C, H, W] as one [1, N W, H, C]: the columns of all images as channels, the
 * channels as columns. W is a multiple of the block.
 */
export function columnsAsChannels(image: Value, block: number): Value {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  // Within a row of a block of channels, the runtime's own way of blocking exchanges columns with
  // channels, in a third of the time of unblocking and a transpose.
  const rows = reshape(image, [(batch * channels * height) / block, width, 1, block]);
  const exchanged = reshape(blockChannels(rows), [
    batch,
    channels / block,
    height,
    width / block,
    block * block,
  ]);
  return reshape(transpose(exchanged, [0, 3, 2, 1, 4]), [1, batch * width, height, channels]);
}

/** Parts of an image's channels, as `columnsAsChannels` gives them, joined where they are few. */
export function enoughChannels(parts: readonly Value[], block: number): readonly Value[] {
  if (parts.every(({ shape }) => shape[3]! >= LEAST_CHANNELS)) return parts;
  const [one, columns, height] = parts[0]!.shape as [number, number, number];
  const rows = parts.map((part) =>
    reshape(part, [one, columns / block, height, part.shape[3]! * block]),
  );
  const joined = concat(rows, 3);
  return [reshape(joined, [one, columns, height, joined.shape[3]! / block])];
}

/** Gradients with respect to the same kernels, summed. */
export interface WeightGradientSum {
  readonly attributes: WeightGradient;
  readonly terms: readonly {
    /** Parts of the channels, as `columnsAsChannels` gives them; of every term the same ones. */
    readonly image: readonly Value[];
    /** Gradient of the result, blocked. */
    readonly upstream: Value;
  }[];
}

/** Both sums in one; undefined where they are of convolutions that differ. */
export function joinWeightGradients(
  first: WeightGradientSum,
  second: WeightGradientSum,
): WeightGradientSum | undefined {
  const description = ({ attributes: { kernels, padding }, terms }: WeightGradientSum): string =>
    JSON.stringify([kernels, padding, terms[0]!.image.map(({ shape }) => shape[3])]);
  return description(first) === description(second)
    ? { ...first, terms: [...first.terms, ...second.terms] }
    : undefined;
}

/**
 * Writes the sum, [F, C, rows, columns]. For each column of taps the gradient of the result, shifted
 * so far, is as many kernels as it has channels, of the height of the image and one column wide: the
 * convolution's few rows are those of taps. It needs fewer copies than a product per tap, none of them
 * of single rows, and multiplies as fast as other blocked convolutions.
 */
export function writeWeightGradient(
  { attributes, terms }: WeightGradientSum,
  block: number,
): Value {
  const { kernels, padding } = attributes;
  const [filters, channels, rows, columns] = kernels as [number, number, number, number];
  const [top, left, bottom] = padding;
  const geometry = { ...attributes, padding: [top, 0, bottom, 0] as const };
  const shifts = Array.from({ length: columns }, (_, column) =>
    terms.map(({ image, upstream }) => {
      const width = image[0]!.shape[1]! / upstream.shape[0]!;
      return shiftedKernels(upstream, { before: column - left, width, block });
    }),
  );
  const taps = rows * columns;
  const parts = terms[0]!.image.map((_, part) => {
    const sums = shifts.map((shifted) => {
      const sum = terms.reduce<Value | undefined>(
        (addend, { image }, term) =>
          blockedConv2d(
            image[part]!,
            shifted[term]!,
            { bias: undefined, addend, slope: undefined },
            geometry,
          ),
        undefined,
      )!;
      return reshape(sum, [filters / block, rows, 1, sum.shape[3]! * block]);
    });
    const joined = concat(sums, 2);
    return reshape(joined, [filters / block, taps, joined.shape[3]!]);
  });
  // Two moves of one axis each, with a reshape that keeps the runtime from making them one.
  const tapsLast = transpose(concat(parts, 2), [0, 2, 1]);
  const split = reshape(tapsLast, [filters / block, channels, block, taps]);
  return reshape(transpose(split, [0, 2, 1, 3]), [filters, channels, rows, columns]);
}

interface Shift {
  /** Columns of zeros on the left, or, below 0, columns taken away. */
  readonly before: number;
  /** Columns that are left. */
  readonly width: number;
  readonly block: number;
}

/** The blocked gradient [N, F, H, W] of a result as blocked kernels [F, N width, H, 1]. */
function shiftedKernels(upstream: Value, { before, width, block }: Shift): Value {
  const [batch, filters, height, extent] = upstream.shape as [number, number, number, number];
  const after = width - extent - before;
  // The runtime shifts whole rows much faster than the columns of blocks within them.
  const rows = reshape(upstream, [(batch * filters * height) / block, extent * block]);
  const shifted = window(rows, [
    [0, 0],
    [before * block, after * block],
  ]);
  const groups = reshape(shifted, [batch, filters / block, height, width / block, block * block]);
  const columnsFirst = transpose(groups, [1, 0, 3, 2, 4]);
  return reshape(columnsFirst, [filters, batch * width, height, 1]);
}
