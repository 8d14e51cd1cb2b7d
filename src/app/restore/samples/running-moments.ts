/**
 * Mean and standard deviation of arrays that come one after another, in single precision and in
 * the memory of two of them: Welford's recurrence (Technometrics 4, 1962),
 * m_n = m_(n-1) + (x - m_(n-1)) / n and M_n = M_(n-1) + (x - m_(n-1)) (x - m_n).
 */
export class RunningMoments {
  readonly #mean: Float32Array;
  readonly #squares: Float32Array;
  #count = 0;

  constructor(length: number) {
    this.#mean = new Float32Array(length);
    this.#squares = new Float32Array(length);
  }

  get count(): number {
    return this.#count;
  }

  add(values: Float32Array): void {
    this.#count += 1;
    const [mean, squares, count] = [this.#mean, this.#squares, this.#count];
    for (let place = 0; place < mean.length; place += 1) {
      const before = values[place]! - mean[place]!;
      mean[place]! += before / count;
      squares[place]! += before * (values[place]! - mean[place]!);
    }
  }

  /** The mean so far; its own array. */
  get mean(): Float32Array {
    return this.#mean;
  }

  /**
   * The standard deviation sqrt(M / (n - 1)) of each place over all planes: the root of the mean
   * of their variances.
   * @param planes equal parts of the arrays, such as colours.
   */
  deviation(planes: number): Float32Array {
    const length = this.#squares.length / planes;
    const deviation = new Float32Array(length);
    for (let place = 0; place < length; place += 1) {
      let sum = 0;
      for (let plane = 0; plane < planes; plane += 1) sum += this.#squares[plane * length + place]!;
      deviation[place] = Math.sqrt(sum / (planes * Math.max(1, this.#count - 1)));
    }
    return deviation;
  }
}
