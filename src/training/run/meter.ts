/** Means over the steps between two readings. */
export class Meter {
  readonly #batch: number;
  #loss = 0;
  #count = 0;
  #making = 0;
  #total = 0;

  /** @param batch samples per step. */
  constructor(batch: number) {
    this.#batch = batch;
  }

  /** Counts one step: its loss, and the milliseconds of making its batch and of all of it. */
  add(loss: number, making: number, total: number): void {
    this.#loss += loss;
    this.#count += 1;
    this.#making += making;
    this.#total += total;
  }

  /** The means since the reading before; starts anew. */
  read(): { loss: number; samplesPerSecond: number; batchShare: number } {
    const reading = {
      loss: this.#loss / this.#count,
      samplesPerSecond: (1000 * this.#batch * this.#count) / this.#total,
      batchShare: this.#making / this.#total,
    };
    this.#loss = this.#count = this.#making = this.#total = 0;
    return reading;
  }
}
