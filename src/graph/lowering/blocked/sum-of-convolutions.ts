import { add } from '../../operators/add.js';
import type { ConvolutionGeometry } from '../../operators/convolution.js';
import { mul } from '../../operators/mul.js';
import { slice } from '../../operators/slice.js';
import type { Value } from '../../value.js';
import { type ChannelRange, someKernels } from './block-kernels.js';
import { blockedConv2d } from './blocked-conv2d.js';

/** One convolution of blocked values, with some of its filters and channels. */
interface Term {
  readonly x: Value;
  /** As `blockKernels` gives them, all filters and channels. */
  readonly kernels: Value;
  readonly filters: ChannelRange;
  readonly channels: ChannelRange;
  readonly taps: readonly [rows: number, columns: number];
  /** Of all filters. */
  readonly bias: Value | undefined;
  readonly geometry: ConvolutionGeometry;
}

/**
 * A sum of convolutions and other blocked values of one shape that has not been written yet, so
 * that what follows can still join it: ONNX Runtime adds one convolution's result into the next.
 */
export interface ConvolutionSum {
  readonly terms: readonly Term[];
  readonly addends: readonly Value[];
}

/** Both sums in one. */
export function joinSums(first: ConvolutionSum, second: ConvolutionSum): ConvolutionSum {
  return {
    terms: [...first.terms, ...second.terms],
    addends: [...first.addends, ...second.addends],
  };
}

/** The sum times a number, which the kernels take up. */
export function scaleSum({ terms, addends }: ConvolutionSum, factor: Value): ConvolutionSum {
  return {
    terms: terms.map(({ kernels, bias, ...term }) => ({
      ...term,
      kernels: mul(kernels, factor),
      bias: bias && mul(bias, factor),
    })),
    addends: addends.map((addend) => mul(addend, factor)),
  };
}

/** Some channels of the sum, both ends a multiple of the block. */
export function partOfSum(
  { terms, addends }: ConvolutionSum,
  [start, end]: ChannelRange,
): ConvolutionSum {
  return {
    terms: terms.map(({ filters, ...term }) => ({
      ...term,
      filters: [filters[0] + start, filters[0] + end],
    })),
    addends: addends.map((addend) => slice(addend, 1, start, end)),
  };
}

/**
 * Writes the sum as a chain of convolutions.
 * @param slope below zero of a LeakyReLU over it, 0 for ReLU; undefined for neither.
 */
export function writeSum(
  { terms, addends }: ConvolutionSum,
  block: number,
  slope?: number | undefined,
): Value {
  const [first, ...others] = addends;
  const start = others.reduce<Value | undefined>((sum, value) => add(sum!, value), first);
  return terms.reduce<Value | undefined>((addend, term, index) => {
    const { x, kernels, filters, channels, taps, geometry } = term;
    const bias = term.bias && someBias(term.bias, filters);
    const activation = index === terms.length - 1 ? slope : undefined;
    return blockedConv2d(
      x,
      someKernels(kernels, filters, channels, { block, taps }),
      { bias, addend, slope: activation },
      geometry,
    );
  }, start)!;
}

function someBias(bias: Value, [start, end]: ChannelRange): Value {
  return start === 0 && end === bias.shape[0] ? bias : slice(bias, 0, start, end);
}
