import { basename } from 'node:path';
import type { RestoreProgress } from '../../restoration/index.js';
import { formatDuration, type Progress } from '../progress.js';
import type { Report } from '../report.js';
import { announcement } from './texts.js';

/** Work that is over before an estimate of it could be read. */
const NOTEWORTHY = 3_000;
/** A smaller share of the work says too little: compiling the first graph takes time as well. */
const LEAST_SHARE = 0.01;

/**
 * Says how much work a restoration is before it begins, how long it will take as soon as some
 * of it is done, and then draws its progress.
 * @param now milliseconds, only ever growing.
 */
export function followRestoration(
  input: string,
  report: Pick<Report, 'message' | 'progress'>,
  now: () => number = () => performance.now(),
): (progress: RestoreProgress) => void {
  let bar: Progress | undefined;
  let started = 0;
  let estimated = false;
  return (progress) => {
    const { phase, done, total } = progress;
    if (phase === 'starting') {
      const again = bar === undefined ? '' : 'once more in one piece, ';
      report.message(`${input}: ${again}${announcement(progress)}`);
      bar = report.progress(basename(input), total);
      started = now();
      estimated = false;
      return;
    }
    if (!estimated && done >= LEAST_SHARE * total) {
      estimated = true;
      const expected = ((now() - started) * total) / done;
      if (done < total && expected > NOTEWORTHY)
        report.message(`${input}: about ${formatDuration(expected)} in all`);
    }
    bar?.update(done, phase);
  };
}
