import type { RunRecord } from './run-record.js';

/** A place on a curve. */
export interface Point {
  readonly step: number;
  readonly hours: number;
  readonly value: number;
}

/** One quantity over the course of a run. */
export interface Curve {
  readonly run: string;
  /** Its place among the runs, which decides its colour. */
  readonly place: number;
  /** Drawn faintly, behind the others. */
  readonly faint: boolean;
  readonly points: readonly Point[];
}

/** A quantity of which each run has a curve. */
export interface Quantity {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Whether a logarithmic axis is offered. */
  readonly logarithmic: boolean;
  readonly curves: readonly Curve[];
}

/** Points of a curve that are drawn at most. */
const MOST_POINTS = 800;
/** Points over which losses are smoothed, as a share of all. */
const SMOOTHING = 0.02;

/** What a report shows of some runs; quantities that none has are left out. */
export function quantities(runs: readonly RunRecord[]): Quantity[] {
  const curves = (pointsOf: (run: RunRecord) => readonly Point[], faint = false): Curve[] =>
    runs
      .map((run, place) => ({ run: run.name, place, faint, points: thinned(pointsOf(run)) }))
      .filter(({ points }) => points.length > 0);
  const logged =
    (value: (entry: RunRecord['progress'][number]) => number) =>
    ({ progress }: RunRecord): Point[] =>
      progress.map((entry) => ({
        step: entry.step,
        hours: entry.seconds / 3600,
        value: value(entry),
      }));
  const loss = logged((entry) => entry.loss);
  const all: Quantity[] = [
    {
      id: 'loss',
      title: 'Loss',
      unit: '',
      logarithmic: true,
      curves: [...curves(loss, true), ...curves((run) => smoothed(loss(run)))],
    },
    {
      id: 'psnr',
      title: 'Held-out images',
      unit: 'dB',
      logarithmic: false,
      curves: curves(({ validations }) =>
        validations.map(({ step, seconds, validation }) => ({
          step,
          hours: seconds / 3600,
          value: validation.psnr,
        })),
      ),
    },
    {
      id: 'learning-rate',
      title: 'Learning rate',
      unit: '',
      logarithmic: true,
      curves: curves(logged((entry) => entry.learningRate)),
    },
    {
      id: 'speed',
      title: 'Patches per second',
      unit: '/s',
      logarithmic: false,
      curves: curves(logged((entry) => entry.samplesPerSecond)),
    },
    {
      id: 'idle',
      title: 'Share of time waiting for data',
      unit: '%',
      logarithmic: false,
      curves: curves(logged((entry) => 100 * entry.batchShare)),
    },
  ];
  return all.filter((quantity) => quantity.curves.length > 0);
}

/**
 * The exponential moving average of a curve, corrected for its beginning: point k is the mean of
 * points 1..k with weights that fall by a constant factor from the newest on.
 * @param window points that count, roughly; by default a share of all.
 */
export function smoothed(
  points: readonly Point[],
  window = Math.max(1, points.length * SMOOTHING),
): Point[] {
  const keep = 1 - 1 / window;
  let sum = 0;
  let weight = 0;
  return points.map((point) => {
    sum = keep * sum + point.value;
    weight = keep * weight + 1;
    return { ...point, value: sum / weight };
  });
}

/** At most some hundred points: of equally many neighbours the mean value, at the last one's place. */
export function thinned(points: readonly Point[], most = MOST_POINTS): Point[] {
  const every = Math.ceil(points.length / most);
  if (every <= 1) return [...points];
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += every) {
    const group = points.slice(start, start + every);
    const value = group.reduce((sum, point) => sum + point.value, 0) / group.length;
    kept.push({ ...group.at(-1)!, value });
  }
  return kept;
}
