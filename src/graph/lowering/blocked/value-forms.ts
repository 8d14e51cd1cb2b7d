import { concat } from '../../operators/concat.js';
import type { Value } from '../../value.js';
import { blockChannels, unblockChannels } from './layout-operators.js';
import { type ConvolutionSum, writeSum } from './sum-of-convolutions.js';
import {
  columnsAsChannels,
  type WeightGradientSum,
  writeWeightGradient,
} from './weight-gradient.js';

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
