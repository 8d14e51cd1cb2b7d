import { reshape } from '../operators/reshape.js';
import { slice } from '../operators/slice.js';
import { transpose } from '../operators/transpose.js';
import type { Value } from '../value.js';

/** From the first channel up to, not including, the second one. */
export type ChannelRange = readonly [start: number, end: number];

/**
 * Kernels [F, C, rows, columns] in the order in which blocked convolutions read them, as
 * [F / b, C / b, rows * columns * b * b]: for each block of filters and each block of channels the
 * taps, for each tap the channels, for each channel the filters.
 */
export function blockKernels(kernels: Value, block: number): Value {
  const [filters, channels, rows, columns] = kernels.shape as [number, number, number, number];
  const parts = [filters / block, block, channels / block, block, rows * columns];
  const ordered = transpose(reshape(kernels, parts), [0, 2, 4, 3, 1]);
  return reshape(ordered, [filters / block, channels / block, rows * columns * block * block]);
}

/**
 * The blocked kernels of some filters and channels, both from and to a multiple of the block,
 * described as [F, C, rows, columns].
 */
export function someKernels(
  blocked: Value,
  filters: ChannelRange,
  channels: ChannelRange,
  { block, taps }: { readonly block: number; readonly taps: readonly [number, number] },
): Value {
  const some = part(part(blocked, 0, filters, block), 1, channels, block);
  return reshape(some, [filters[1] - filters[0], channels[1] - channels[0], ...taps]);
}

function part(x: Value, axis: number, [start, end]: ChannelRange, block: number): Value {
  if (start === 0 && end === x.shape[axis]! * block) return x;
  return slice(x, axis, start / block, end / block);
}
