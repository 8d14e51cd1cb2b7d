import { flip } from '../../operators/flip.js';
import { reshape } from '../../operators/reshape.js';
import { slice } from '../../operators/slice.js';
import { transpose } from '../../operators/transpose.js';
import type { Value } from '../../value.js';

/** From the first channel up to, not including, the second one. */
export type ChannelRange = readonly [start: number, end: number];

/**
 * Kernels [F, C, rows, columns] in the order in which blocked convolutions read them, as
 * [F / b, C / b, rows * columns * b * b]: for each block of filters and each block of channels the
 * taps, for each tap the channels, for each channel the filters.
 */
export function blockKernels(kernels: Value, block: number): Value {
  const turned = beforeTurning(kernels);
  const [filters, channels, rows, columns] = (turned ?? kernels).shape as [
    number,
    number,
    number,
    number,
  ];
  const taps = rows * columns;
  const [rest, whole] = [channels / block, filters / block];
  // Two moves of one axis each, with a reshape that keeps the runtime from making them one: of all
  // ways the fastest by far.
  if (turned === undefined) {
    const tapsFirst = transpose(reshape(kernels, [filters * rest, block, taps]), [0, 2, 1]);
    const split = reshape(tapsFirst, [whole, block, rest * taps * block]);
    return reshape(transpose(split, [0, 2, 1]), [whole, rest, taps * block * block]);
  }
  const channelsFirst = transpose(reshape(turned, [filters, rest, block * taps]), [1, 0, 2]);
  const split = reshape(channelsFirst, [rest * whole, block * block, taps]);
  const ordered = flip(transpose(split, [0, 2, 1]), 1);
  return reshape(ordered, [rest, whole, taps * block * block]);
}

/** W where the kernels are W with filters and channels exchanged and the taps turned around. */
function beforeTurning({ operator, inputs, attributes }: Value): Value | undefined {
  const [rows] = inputs;
  const [exchanged] = rows?.inputs ?? [];
  const [weight] = exchanged?.inputs ?? [];
  const turned =
    weight !== undefined &&
    operator.name === 'flip' &&
    (attributes as { readonly axis: number }).axis === 3 &&
    rows!.operator.name === 'flip' &&
    (rows!.attributes as { readonly axis: number }).axis === 2 &&
    exchanged!.operator.name === 'transpose' &&
    String((exchanged!.attributes as { readonly permutation: readonly number[] }).permutation) ===
      '1,0,2,3';
  return turned ? weight : undefined;
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
