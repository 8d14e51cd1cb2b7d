import type { Service } from '../../graph/graph-runner.js';
import type { AdamFactors, AdamSettings } from '../../graph/index.js';
import { moveByAdam, type ParameterState, sumOfSquares, writeSum } from './adam-kernels.js';

/** The parameters that one thread updates, and where others leave their gradients. */
export interface ShareTask {
  readonly states: readonly ParameterState[];
  /** For each batch of a round the gradients of these parameters. */
  readonly gradients: readonly (readonly Float32Array[])[];
}

/** How sums become an update. */
export interface SharedUpdate {
  readonly settings: UpdateSettings;
  /** Makes the gradient that counts of a sum. */
  readonly scale: number;
}

/** What a share is asked for on a thread. */
export interface ShareRequest {
  /** Adds the gradients of so many batches; `begins` where they are the first ones of a step. */
  readonly add?: { readonly batches: number; readonly begins: boolean };
  /** Updates the parameters, unless a sum is not finite. */
  readonly update?: SharedUpdate;
}

/** What it answers. */
export interface ShareReply {
  readonly squares: Float64Array;
  /** False where weights or second moments are not finite after an update. */
  readonly finite: boolean;
}

/** Some of the parameters of a step by several batches: sums of their gradients, and their update. */
export class ParameterShare {
  /** Of the entries of each sum as it is after the last batches; finite where they are. */
  readonly squares: Float64Array;
  readonly #states: readonly ParameterState[];
  readonly #sums: readonly Float32Array[];

  constructor(states: readonly ParameterState[]) {
    this.#states = states;
    this.squares = new Float64Array(states.length);
    this.#sums = states.map(({ parameter: { length } }) => new Float32Array(length));
  }

  /**
   * Adds the gradients of some batches in single precision, one batch after the other.
   * @param begins whether they are the first ones of a step.
   */
  add(gradients: readonly (readonly Float32Array[])[], begins: boolean): void {
    for (const [index, sum] of this.#sums.entries()) {
      const parts = gradients.map((ofBatch) => ofBatch[index]!);
      const first = begins ? parts.shift()! : sum;
      if (begins && parts.length === 0) {
        sum.set(first);
        this.squares[index] = sumOfSquares(sum);
      }
      parts.forEach((part, place) => {
        this.squares[index] = writeSum(place === 0 ? first : sum, part, sum);
      });
    }
  }

  /**
   * Updates the parameters by the sums times `scale`; nothing changes where one is not finite.
   * @returns whether all weights and second moments are finite.
   */
  update({ settings, scale }: SharedUpdate): boolean {
    if (!this.squares.every(Number.isFinite)) return true;
    const finite = this.#states.map((state, index) =>
      updateParameter(state, this.#sums[index]!, settings, scale),
    );
    return finite.every((whole) => whole);
  }
}

/** A share as a service of a copy's thread. */
export function openShare({ states, gradients }: ShareTask): Service<ShareRequest, ShareReply> {
  const share = new ParameterShare(states);
  return (request): ShareReply => {
    const { add, update } = request as ShareRequest;
    if (add !== undefined) share.add(gradients.slice(0, add.batches), add.begins);
    const finite = update === undefined || share.update(update);
    return { squares: share.squares, finite };
  };
}

/** What an update depends on besides the state and the gradients. */
export interface UpdateSettings extends AdamFactors {
  readonly adam: AdamSettings;
  /** Learning rate x weight decay. */
  readonly decay: number;
  readonly averageDecay: number;
}

/**
 * One Adam update of a parameter, with an exponential moving average where the state has one: what
 * `buildTrainingStep` writes as a graph, in place.
 * @param scale makes the gradient that counts of a sum of such.
 * @returns whether the new weights and second moments are finite.
 */
function updateParameter(
  state: ParameterState,
  gradient: Float32Array,
  { adam, stepSize, secondCorrection, decay, averageDecay }: UpdateSettings,
  scale: number,
): boolean {
  const { beta1, beta2, epsilon } = adam;
  const numbers = {
    ...{ beta1, rest1: (1 - beta1) * scale },
    ...{ beta2, rest2: (1 - beta2) * scale * scale },
    ...{ decay, size: stepSize * secondCorrection, least: epsilon * secondCorrection },
  };
  return moveByAdam(state, gradient, numbers, 1 - averageDecay);
}
