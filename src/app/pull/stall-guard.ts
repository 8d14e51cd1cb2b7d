/** Aborts `signal` where nothing has happened for a while, or where the caller's signal does. */
export class StallGuard {
  readonly signal: AbortSignal;
  readonly #milliseconds: number;
  readonly #stalled = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, signal: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.signal = AbortSignal.any([signal, this.#stalled.signal]);
    this.beat();
  }

  get stalled(): boolean {
    return this.#stalled.signal.aborted;
  }

  /** Something happened. */
  beat(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stalled.abort(), this.#milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
