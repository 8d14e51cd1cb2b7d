import { basename } from 'node:path';
import { type Calibration, type ImageWork, TimeLeft } from '../../app/restore/time/time-left.js';
import type { RestoreProgress } from '../../restoration/index.js';
import { formatDuration, type Progress } from '../progress.js';
import type { Report } from '../report.js';
import { announcement } from './texts.js';

/** Work that is over before an estimate of it could be read. */
const NOTEWORTHY = 3_000;
/** A smaller share of the work says too little: compiling the first graph takes time as well. */
const LEAST_SHARE = 0.01;

/**
 * Says how much work each restoration is before it begins, how long all will take as soon as some
 * of it is done, and then draws their progress.
 */
export class RestorationFollower {
  readonly #report: Pick<Report, 'message' | 'progress'>;
  readonly #time: TimeLeft;
  readonly #count: number;
  readonly #now: () => number;
  readonly #started: number;
  #bar: Progress | undefined;
  #input = '';
  #index = -1;
  #announced = false;
  #estimated = false;

  /**
   * @param works of the images to come, where they are known; one is followed by itself.
   * @param now milliseconds, only ever growing.
   */
  constructor(
    report: Pick<Report, 'message' | 'progress'>,
    works: readonly (ImageWork | undefined)[] = [undefined],
    now: () => number = () => performance.now(),
  ) {
    this.#report = report;
    this.#count = works.length;
    this.#now = now;
    this.#started = now();
    this.#time = new TimeLeft(works, now);
  }

  /** The next image is about to be opened. */
  begin(input: string): void {
    this.#input = input;
    this.#index += 1;
    this.#announced = false;
    this.#time.begin(this.#index);
  }

  calibrated(calibration: Calibration): void {
    this.#time.calibrate(calibration);
  }

  progress(progress: RestoreProgress): void {
    this.#time.update(progress);
    const { phase, done, total } = progress;
    if (phase === 'starting') {
      const again = this.#announced ? 'once more in one piece, ' : '';
      this.#report.message(`${this.#input}: ${again}${announcement(progress)}`);
      this.#announced = true;
      if (this.#count > 1) return;
      this.#estimated = false;
      this.#bar = undefined;
      return;
    }
    const { left } = this.#time;
    this.#estimate(done / total, left);
    const name = basename(this.#input);
    const isOne = this.#count === 1;
    this.#bar ??= this.#report.progress(isOne ? name : `${this.#count} images`, 1);
    const note = isOne ? phase : `${this.#index + 1}: ${name}`;
    this.#bar.update(isOne ? done / total : this.#time.share, note, left);
  }

  /** The image is finished, or nothing more is to be done for it. */
  end(wasRestored: boolean): void {
    this.#time.end(wasRestored);
  }

  #estimate(share: number, left: number | undefined): void {
    if (this.#estimated || left === undefined || share < LEAST_SHARE) return;
    this.#estimated = true;
    const expected = Math.round(this.#now() - this.#started + left);
    const of = this.#count === 1 ? this.#input : `${this.#count} images`;
    const isOver = this.#count === 1 && share >= 1;
    if (!isOver && expected > NOTEWORTHY)
      this.#report.message(`${of}: about ${formatDuration(expected)} in all`);
  }
}
