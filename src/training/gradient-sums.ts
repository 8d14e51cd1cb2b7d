import type { CompiledGraph } from '../engine/contract.js';
import { gradientName } from '../graph/index.js';
import type { Tensor } from '../tensor/tensor.js';

type Outputs = Awaited<ReturnType<CompiledGraph['run']>>;

/** Sums of the gradients of a step's batches, of two at least, in arrays that serve every step. */
export class GradientSums {
  /** Names of the parameters, in their order. */
  readonly parameters: readonly string[];
  /** Of the entries of each sum, in the order of the parameters. */
  readonly squares: Float64Array;
  readonly #names: readonly string[];
  #batches = 0;
  #first: readonly Float32Array[] = [];
  #sums: readonly Float32Array[] = [];

  constructor(parameters: readonly string[]) {
    this.parameters = parameters;
    this.squares = new Float64Array(parameters.length);
    this.#names = parameters.map(gradientName);
  }

  /** Batches that are in the sums. */
  get batches(): number {
    return this.#batches;
  }

  /** In the order of the parameters. */
  get sums(): readonly Float32Array[] {
    return this.#sums;
  }

  /** Begins a step. */
  clear(): void {
    this.#batches = 0;
  }

  /** Adds a batch's gradients; those of the first one have to last until the second one is added. */
  add(outputs: Outputs): void {
    const parts = this.#names.map((name) => (outputs[name] as Tensor).data);
    this.#batches += 1;
    if (this.#batches === 1) this.#first = parts;
    else {
      if (this.#sums.length === 0) this.#sums = parts.map(({ length }) => new Float32Array(length));
      const before = this.#batches === 2 ? this.#first : this.#sums;
      for (const [index, sum] of this.#sums.entries())
        this.squares[index] = sumOf(before[index]!, parts[index]!, sum);
      this.#first = [];
    }
  }
}

/** Writes one + other and gives the sum of squares of that, which is finite where it is. */
function sumOf(one: Float32Array, other: Float32Array, sum: Float32Array): number {
  let [even, odd] = [0, 0];
  const pairs = sum.length - (sum.length % 2);
  for (let i = 0; i < pairs; i += 2) {
    const a = Math.fround(one[i]! + other[i]!);
    const b = Math.fround(one[i + 1]! + other[i + 1]!);
    sum[i] = a;
    sum[i + 1] = b;
    even += a * a;
    odd += b * b;
  }
  for (let i = pairs; i < sum.length; i += 1) {
    sum[i] = one[i]! + other[i]!;
    even += sum[i]! * sum[i]!;
  }
  return even + odd;
}
