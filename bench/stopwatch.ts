/** Adds up the time in which at least one of some pieces of work is going on. */
export class Stopwatch {
  #total = 0;
  #running = 0;
  #began = 0;

  /** Milliseconds so far; read between pieces of work. */
  get milliseconds(): number {
    return this.#total;
  }

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running === 0) this.#began = performance.now();
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#total += performance.now() - this.#began;
    }
  }
}
