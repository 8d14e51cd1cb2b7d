import type { ConvolutionGeometry } from '../../operators/convolutions.js';
import { add, mul } from '../../operators/elementwise.js';
import { concat, slice } from '../../operators/layout.js';
import type { Value } from '../../value.js';
import {
  blockChannels,
  blockedConv2d,
  type ChannelRange,
  someKernels,
  unblockChannels,
} from './blocked-operators.js';
import {
  columnsAsChannels,
  type WeightGradientSum,
  writeWeightGradient,
} from './weight-gradients.js';

/** A value in the forms in which it is at hand; a missing one is made of another when needed. */
export interface Forms {
  plain?: Value;
  blocked?: Value;
  /** Blocked values that are joined along the channels. */
  parts?: readonly Value[];
  /** Not written yet; readers that can join it do so where they are the only ones. */
  sum?: ConvolutionSum;
  /** As `sum`. */
  weightGradient?: WeightGradientSum;
  /** Parts of the channels, as `columnsAsChannels` gives them. */
  turned?: readonly Value[];
}

/** The forms of the values of a graph; what is asked for is written once. */
export class ValueForms {
  readonly #block: number;
  readonly #forms = new Map<Value, Forms>();

  /** @param block channels of a block. */
  constructor(block: number) {
    this.#block = block;
  }

  set(value: Value, forms: Forms): void {
    this.#forms.set(value, forms);
  }

  of(value: Value): Forms {
    return this.#forms.get(value)!;
  }

  /** The value in the usual layout. */
  plain(value: Value): Value {
    const forms = this.of(value);
    forms.plain ??=
      forms.parts !== undefined && forms.blocked === undefined
        ? concat(
            value.inputs.map((part) => this.plain(part)),
            1,
          )
        : forms.weightGradient !== undefined
          ? writeWeightGradient(forms.weightGradient, this.#block)
          : unblockChannels(this.blocked(value));
    return forms.plain;
  }

  /** The value on blocked channels. */
  blocked(value: Value): Value {
    const forms = this.of(value);
    if (forms.blocked === undefined) {
      if (forms.sum !== undefined) forms.blocked = writeSum(forms.sum, this.#block);
      else if (forms.parts !== undefined) forms.blocked = concat(forms.parts, 1);
      else forms.blocked = blockChannels(forms.plain!);
    }
    return forms.blocked;
  }

  /** Parts of the channels, as `columnsAsChannels` gives them. */
  turned(value: Value): readonly Value[] {
    const forms = this.of(value);
    forms.turned ??=
      forms.parts !== undefined
        ? value.inputs.flatMap((part) => this.turned(part))
        : [columnsAsChannels(this.blocked(value), this.#block)];
    return forms.turned;
  }

  /** Whether it is at hand on blocked channels, or can be written there. */
  isBlocked(value: Value): boolean {
    const { blocked, sum, parts } = this.of(value);
    return blocked !== undefined || sum !== undefined || parts !== undefined;
  }
}

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
