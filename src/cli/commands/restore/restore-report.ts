import { basename } from 'node:path';
import type { RestoreProgress } from '../../../restoration/index.js';
import type { SkipReason } from '../../../restore-files/batch/restore-all.js';
import type { BurstFacts, RestoreFacts } from '../../../restore-files/restore-request.js';
import { type ResultPaths, resultPaths } from '../../../restore-files/samples.js';
import { type ImageWork, type RestoreUpdate, TimeLeft } from '../../../restore-files/time-left.js';
import { formatDuration, type Progress } from '../../progress.js';
import type { Report } from '../../report.js';
import { repeatCommand } from './repeat-command.js';
import type { RestoreCliOptions } from './restore-options.js';

/** The message before a restoration begins. */
function announcement({ width, height, total, device }: RestoreProgress): string {
  return `to ${width}x${height}, ${amount(total)} on ${device.effective}, ${threads(device.threads)}`;
}

/**
 * The summary of a finished restoration.
 * @param paths of its files.
 */
export function summary(
  output: string,
  facts: RestoreFacts,
  paths: ResultPaths = { samples: [] },
): string {
  const { width, height, settings, nfe, device, seconds, seed, tiling, swapped, burst } = facts;
  const lines = [
    `${output}: ${width}x${height} in ${seconds.toFixed(1)} s on ${device.effective}` +
      ` (${threads(device.threads)}), tau ${settings.tau}, ${settings.steps} steps` +
      ` (${settings.sampler}, NFE ${nfe}), seed ${seed}, ${pieces(facts)}`,
  ];
  lines.push(...sampleLines(facts, paths));
  if (burst !== undefined) lines.push(...frameLines(burst));
  if (swapped !== undefined) {
    const modules = Object.entries(swapped).map(([role, file]) => `${role} ${file}`);
    lines.push(`modules in place of the pack's: ${modules.join(', ')}`);
  }
  if (tiling !== undefined)
    lines.push(
      `tiled against whole: largest difference ${(tiling.maximum * 255).toFixed(4)},` +
        ` rms ${(tiling.rms * 255).toFixed(5)} of 255`,
    );
  return lines.join('\n');
}

function sampleLines({ uncertainty, seed }: RestoreFacts, paths: ResultPaths): string[] {
  const lines: string[] = [];
  const { length } = paths.samples;
  if (length > 0)
    lines.push(
      `seeds ${seed} to ${seed + length - 1}: ${paths.samples[0]!} to ${basename(paths.samples.at(-1)!)}`,
    );
  if (uncertainty === undefined) return lines;
  const { of, mean, maximum, white } = uncertainty;
  const of255 = (deviation: number) => (255 * deviation).toFixed(2);
  lines.push(
    `mean of ${of} samples; ${paths.uncertainty}: their standard deviation, ${of255(mean)} of 255` +
      ` on average, at most ${of255(maximum)}; white is ${of255(white)}`,
  );
  return lines;
}

function pieces({ tiles, regions }: RestoreFacts): string {
  const counted = `${tiles} tile${tiles === 1 ? '' : 's'}`;
  if (regions.count === 1) return counted;
  return `${counted} in ${regions.count} regions${regions.exact ? '' : ', blended'}`;
}

function frameLines(burst: BurstFacts): string[] {
  const { used, repeated, left, different, notes, scale } = burst;
  const count = `${used.length} frame${used.length === 1 ? '' : 's'}`;
  const lines = [`scale ${scale} from ${count}, reference ${basename(used[0]!)}`];
  if (repeated > 0)
    lines.push(`the network takes ${used.length + repeated} frames; the reference is repeated`);
  if (left.length > 0)
    lines.push(`skipped as less sharp: ${left.map((name) => basename(name)).join(', ')}`);
  if (different.length > 0)
    lines.push(
      `skipped, they show another scene: ${different.map((name) => basename(name)).join(', ')}`,
    );
  lines.push(...motionLine(burst));
  return [...lines, ...notes.map((note) => `note: ${note}`)];
}

/** The largest motion, and the number of frames without an estimate; nothing for a single frame. */
function motionLine({ motions }: BurstFacts): string[] {
  const others = motions.slice(1).filter(({ state }) => state !== 'different');
  const known = others.filter(({ state }) => state !== 'unknown');
  if (others.length === 0) return [];
  if (known.length === 0) return ['motion not estimated: frames too small or without detail'];
  const shift = Math.max(...known.map(({ x, y }) => Math.hypot(x, y)));
  const turn = Math.max(...known.map(({ degrees }) => Math.abs(degrees)));
  const followed = known.filter(({ state }) => state === 'followed').length;
  const uncertain = others.length - known.length;
  return [
    `motion up to ${shift.toFixed(1)} pixels and ${turn.toFixed(2)} degrees,` +
      ` followed in ${followed} frame${followed === 1 ? '' : 's'}` +
      `${uncertain === 0 ? '' : `, not estimated of ${uncertain}`}`,
  ];
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, 'TMAC'],
  [1e9, 'GMAC'],
  [1e6, 'MMAC'],
];

/** Multiply-adds in the unit that suits them, to three digits. */
function amount(macs: number): string {
  const [size, unit] = UNITS.find(([least]) => macs >= least) ?? UNITS.at(-1)!;
  return `${Number((macs / size).toPrecision(3))} ${unit}`;
}

function threads(count: number): string {
  return `${count} thread${count === 1 ? '' : 's'}`;
}

/** Reports the result of a restoration and the command that repeats it. */
export function reportResult(
  report: Report,
  options: RestoreCliOptions,
  target: { readonly input: string | readonly string[]; readonly output: string },
  facts: RestoreFacts,
): void {
  if (facts.beyondTraining)
    report.warning(`tau ${facts.settings.tau} is beyond what the modules were trained for`);
  const command = repeatCommand(target, options, facts);
  const { samples, mean } = options;
  const isOne = samples === undefined && mean === undefined;
  const files = resultPaths(target.output, { samples, mean });
  report.result(
    { ...target, ...(!isOne && { files }), ...facts, command },
    summary(target.output, facts, files),
  );
}

/** Reports why an image was not restored. */
export function reportSkipped(
  report: Report,
  { input, output }: { readonly input: string; readonly output: string },
  why: SkipReason,
): void {
  report.result({ input, output, skipped: why }, `${output}: ${reason(why)}`);
}

function reason(why: SkipReason): string {
  if (why.reason === 'done')
    return 'skipped, already restored from the same image with the same settings';
  if (why.reason === 'copied')
    return `copied from ${why.from}, which has the same image and settings`;
  return `skipped, process ${why.holder.pid} on ${why.holder.host} is restoring it`;
}

/** Milliseconds of work below which no estimate is printed. */
const NOTEWORTHY = 3_000;
/** Share of the work after which the time is estimated: compiling the first graph takes time too. */
const LEAST_SHARE = 0.01;

/**
 * Prints the work of each restoration before it begins, the expected time as soon as it can be
 * estimated, and progress.
 */
export class ProgressReporter {
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
   * @param works of the images to come, as far as they are known.
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

  progress(progress: RestoreUpdate): void {
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
