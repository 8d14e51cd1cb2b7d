import type { RestoreProgress } from '../restoration/index.js';

/** Multiply-adds of an image: by the restoration network, and by the others. */
export interface ImageWork {
  readonly restoring: number;
  readonly sampling: number;
}

/** Milliseconds for a multiply-add, measured on a small piece. */
export type Calibration = ImageWork;

/** Progress of a restoration. The first message carries the speeds if they were measured before. */
export interface RestoreUpdate extends RestoreProgress {
  readonly calibration?: Calibration | undefined;
}

type Kind = keyof ImageWork;

/** Milliseconds after which a measured rate has half its weight. */
const HALF_LIFE = 60_000;

/** Exponentially weighted rate of the runs of one kind. */
class Rate {
  #macs = 0;
  #milliseconds = 0;

  add(macs: number, milliseconds: number): void {
    const decay = 0.5 ** (milliseconds / HALF_LIFE);
    this.#macs = decay * this.#macs + macs;
    this.#milliseconds = decay * this.#milliseconds + milliseconds;
  }

  /** Milliseconds for a multiply-add; undefined until something was measured. */
  get perMac(): number | undefined {
    return this.#macs > 0 && this.#milliseconds > 0 ? this.#milliseconds / this.#macs : undefined;
  }
}

/** An image that is being restored. */
interface Current {
  readonly index: number;
  readonly begun: number;
  readonly left: Record<Kind, number>;
  readonly done: Record<Kind, number>;
  /** Sizes of runs that were seen: the first of each includes the compilation of its graph. */
  readonly seen: Set<string>;
}

/**
 * Estimates the time left for restoring some images. Work is counted in multiply-adds, whose speed
 * differs between kinds of networks; the time for opening, compiling and writing is learnt from
 * finished images.
 */
export class TimeLeft {
  readonly #now: () => number;
  readonly #waiting: Map<number, ImageWork>;
  readonly #steady: Record<Kind, Rate> = { restoring: new Rate(), sampling: new Rate() };
  readonly #first: Record<Kind, Rate> = { restoring: new Rate(), sampling: new Rate() };
  #calibration: Calibration | undefined;
  /**
   * Of finished images: their number, and the time they took besides the networks' runs, that
   * after the last run by itself.
   */
  #finished = { count: 0, before: 0, after: 0 };
  #current: Current | undefined;
  #last: number;
  #left: number | undefined;
  readonly #started: number;

  /**
   * @param images in the order in which they will be restored; undefined where the work is unknown.
   * @param now milliseconds, only ever growing.
   */
  constructor(
    images: readonly (ImageWork | undefined)[],
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
    this.#started = now();
    this.#last = this.#started;
    const known = images.filter((work) => work !== undefined);
    const mean = (kind: Kind) => known.reduce((sum, work) => sum + work[kind], 0) / known.length;
    const typical =
      known.length === 0 ? undefined : { restoring: mean('restoring'), sampling: mean('sampling') };
    this.#waiting = new Map();
    for (const [index, work] of images.entries())
      this.#waiting.set(index, work ?? typical ?? { restoring: 0, sampling: 0 });
  }

  /** An image is about to be opened. */
  begin(index: number): void {
    const work = this.#waiting.get(index) ?? { restoring: 0, sampling: 0 };
    this.#waiting.delete(index);
    const done = { restoring: 0, sampling: 0 };
    this.#current = { index, begun: this.#now(), left: { ...work }, done, seen: new Set() };
    this.#settle();
  }

  /** The restoration has reported progress. */
  update({ phase, done, total, restoring, calibration }: RestoreUpdate): void {
    this.#calibration = calibration ?? this.#calibration;
    const current = this.#current;
    if (current === undefined) return;
    const time = this.#now();
    if (phase === 'starting') {
      current.done.restoring = 0;
      current.done.sampling = 0;
    } else {
      const before = current.done.restoring + current.done.sampling;
      const kind: Kind = phase === 'restoring' ? 'restoring' : 'sampling';
      const run = `${phase} ${done - before}`;
      const rates = current.seen.has(run) ? this.#steady : this.#first;
      rates[kind].add(done - before, time - this.#last);
      current.seen.add(run);
      current.done[kind] += done - before;
    }
    current.left.restoring = Math.max(0, restoring - current.done.restoring);
    current.left.sampling = Math.max(0, total - restoring - current.done.sampling);
    this.#settle(time);
  }

  /** The image is finished, or nothing more is to be done for it. */
  end(wasRestored: boolean): void {
    const current = this.#current;
    this.#current = undefined;
    const time = this.#now();
    if (wasRestored && current !== undefined) {
      const { count, before, after } = this.#finished;
      this.#finished = {
        count: count + 1,
        before: before + this.#before(current),
        after: after + time - this.#last,
      };
    }
    this.#settle(time);
  }

  /** Milliseconds to go; undefined until a speed is known. */
  get left(): number | undefined {
    if (this.#left === undefined) return undefined;
    return Math.max(0, this.#left - (this.#now() - this.#last));
  }

  /** The part of the time that has passed, in [0, 1]; 0 until a speed is known. */
  get share(): number {
    const { left } = this;
    const passed = this.#now() - this.#started;
    return left === undefined || passed + left === 0 ? 0 : passed / (passed + left);
  }

  #settle(time = this.#now()): void {
    this.#last = time;
    const restoring = this.#perMac('restoring');
    const sampling = this.#perMac('sampling');
    if (restoring === undefined || sampling === undefined) return;
    const of = (work: ImageWork): number => work.restoring * restoring + work.sampling * sampling;
    const current = this.#current;
    const { count, before, after } = this.#finished;
    const first = current === undefined ? 0 : this.#before(current);
    const each = count === 0 ? first : (before + after) / count;
    let left = 0;
    for (const work of this.#waiting.values()) left += each + of(work);
    if (current !== undefined) {
      const isBegun = current.seen.size > 0;
      left += of(current.left) + after / Math.max(1, count);
      if (!isBegun && count > 0) left += Math.max(0, before / count - (time - current.begun));
    }
    this.#left = left;
  }

  /** What an image took besides its runs until the last of them. */
  #before({ begun, done, seen }: Current): number {
    if (seen.size === 0) return 0;
    const runs =
      done.restoring * (this.#perMac('restoring') ?? 0) +
      done.sampling * (this.#perMac('sampling') ?? 0);
    return Math.max(0, this.#last - begun - runs);
  }

  /**
   * What is best known of a kind: its own runs, those that compiled their graphs counting only
   * where there are no others; else what was calibrated, at the speed of the other kind's runs.
   */
  #perMac(kind: Kind): number | undefined {
    const own = this.#steady[kind].perMac ?? this.#first[kind].perMac;
    if (own !== undefined) return own;
    const other: Kind = kind === 'restoring' ? 'sampling' : 'restoring';
    const measured = this.#steady[other].perMac;
    const calibration = this.#calibration;
    if (calibration === undefined) return measured ?? this.#first[other].perMac;
    const slower = measured === undefined ? 1 : measured / calibration[other];
    return calibration[kind] * slower;
  }
}
