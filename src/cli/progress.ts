import { visible } from './format.js';

/** Where progress is drawn: a terminal or a log. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  readonly label: string;
  /** Units of work in all; units are whatever the caller counts. */
  readonly total: number;
  /** Milliseconds, only ever growing. */
  readonly now?: () => number;
}

const barWidth = 24;
const terminalInterval = 100;
const logInterval = 5_000;
const rateWindow = 30_000;

/**
 * Progress of one job with the time left, drawn in place on a terminal and as a plain line every
 * five seconds elsewhere. The rate is that of the last half minute, so that a slow start or a
 * change of speed does not linger in the estimate.
 */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #now: () => number;
  #history: { time: number; done: number }[];
  #lastDrawn: number;
  #drawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    const time = this.#now();
    this.#history = [{ time, done: 0 }];
    this.#lastDrawn = options.stream.isTTY ? Number.NEGATIVE_INFINITY : time;
  }

  /**
   * Tells how many units are done, with a few words on the current one.
   * @param left milliseconds to go, where the caller knows better than the rate tells.
   */
  update(done: number, note = '', left?: number): void {
    const time = this.#now();
    this.#history.push({ time, done });
    while (this.#history.length > 2 && time - this.#history[1]!.time > rateWindow)
      this.#history.shift();
    const interval = this.#options.stream.isTTY ? terminalInterval : logInterval;
    if (time - this.#lastDrawn < interval) return;
    this.#lastDrawn = time;
    this.#draw(done, note, left ?? this.#timeLeft(done));
  }

  /** Takes the bar off a terminal, so that other text can be written; the next update redraws it. */
  clear(): void {
    if (this.#drawn) this.#options.stream.write('\r\x1b[K');
    this.#drawn = false;
  }

  #draw(done: number, note: string, left: number | undefined): void {
    const { stream, total } = this.#options;
    const label = visible(this.#options.label);
    const fraction = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
    const parts = [`${Math.floor(fraction * 100)} %`];
    if (left !== undefined) parts.push(`${formatDuration(left)} left`);
    if (note !== '') parts.push(note);
    const facts = visible(parts.join(', '));
    if (!stream.isTTY) {
      stream.write(`${label}: ${facts}\n`);
      return;
    }
    const filled = Math.round(fraction * barWidth);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}]`;
    const line = `${label} ${bar} ${facts}`.slice(0, (stream.columns ?? 80) - 1);
    stream.write(`\r${line}\x1b[K`);
    this.#drawn = true;
  }

  /** Milliseconds to go; undefined until the rate is known. */
  #timeLeft(done: number): number | undefined {
    const first = this.#history[0]!;
    const last = this.#history.at(-1)!;
    const advanced = last.done - first.done;
    if (advanced <= 0 || last.time <= first.time) return undefined;
    return (Math.max(0, this.#options.total - done) * (last.time - first.time)) / advanced;
  }
}

/** A duration in milliseconds in the two largest units that matter: `8 s`, `2 min 05 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.ceil(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
