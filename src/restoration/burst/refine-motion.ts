import type { Level } from './brightness-pyramid.js';
import type { RigidMotion } from './rigid-motion.js';

const MOST_ROUNDS = 10;
/** Corrections below this many places of a level, in its corners, are not followed by another. */
const SMALL = 0.02;
/** Share of the slopes' mean that is added, so that what no slope tells stays as it is. */
const RIDGE = 1e-3;
/** Differences of this many times their mean size count half: something else moved there. */
const OUTLIER = 3;

/**
 * A motion corrected until the frame's level fits the reference's: least squares of all differences
 * by the reference's slopes (Lucas and Kanade, "An Iterative Image Registration Technique",
 * IJCAI 1981), for one shift and turn of the whole image. Holds from about two places off.
 */
export function refineMotion(reference: Level, frame: Level, start: RigidMotion): RigidMotion {
  const { factor, width, height } = reference;
  const radius = Math.hypot(width, height) / 2;
  const slopes = slopesOf(reference);
  let motion = start;
  let usual = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const { step, error } = correction(reference, frame, { motion, slopes, radius, usual });
    const [dx, dy, turned] = step;
    motion = {
      x: motion.x + factor * dx,
      y: motion.y + factor * dy,
      turn: motion.turn + turned / radius,
    };
    usual = error;
    if (Math.abs(dx) + Math.abs(dy) + Math.abs(turned) < SMALL) break;
  }
  return motion;
}

interface Slopes {
  readonly across: Float32Array;
  readonly down: Float32Array;
}

/** Central differences; 0 along the border. */
function slopesOf({ height, width, values }: Level): Slopes {
  const across = new Float32Array(values.length);
  const down = new Float32Array(values.length);
  for (let y = 1; y < height - 1; y += 1)
    for (let at = y * width + 1; at < (y + 1) * width - 1; at += 1) {
      across[at] = (values[at + 1]! - values[at - 1]!) / 2;
      down[at] = (values[at + width]! - values[at - width]!) / 2;
    }
  return { across, down };
}

type Triple = readonly [number, number, number];

interface Round {
  readonly motion: RigidMotion;
  readonly slopes: Slopes;
  readonly radius: number;
  /** Mean size of the differences before. */
  readonly usual: number;
}

/** Shift and, in places at `radius`, turn that the differences ask for, and their mean size. */
function correction(
  reference: Level,
  frame: Level,
  { motion, slopes: { across, down }, radius, usual }: Round,
): { readonly step: Triple; readonly error: number } {
  let [count, sum] = [0, 0];
  let [xx, xy, xt, yy, yt, tt] = [0, 0, 0, 0, 0, 0];
  let [ex, ey, et] = [0, 0, 0];
  const scale = Math.max(OUTLIER * usual, Number.MIN_VALUE);
  visitOverlap(reference, frame, motion, (at, own, other, u, v) => {
    const [gx, gy] = [across[at]!, down[at]!];
    const gt = (gx * v - gy * u) / radius;
    const error = own - other;
    const weight = 1 / (1 + (error / scale) ** 2);
    count += 1;
    sum += Math.abs(error);
    xx += weight * gx * gx;
    xy += weight * gx * gy;
    xt += weight * gx * gt;
    yy += weight * gy * gy;
    yt += weight * gy * gt;
    tt += weight * gt * gt;
    ex += weight * gx * error;
    ey += weight * gy * error;
    et += weight * gt * error;
  });
  const ridge = (RIDGE * (xx + yy + tt)) / 3;
  const step = solved([xx + ridge, xy, xt, yy + ridge, yt, tt + ridge], [ex, ey, et]);
  return { step, error: count === 0 ? 0 : sum / count };
}

/** x with S x = b for a symmetric S by its upper triangle, row by row; 0 for a singular one. */
function solved([a, b, c, d, e, f]: readonly number[], [p, q, r]: Triple): Triple {
  const own = (value: number | undefined): number => value ?? 0;
  const [s, t, u, v, w, z] = [own(a), own(b), own(c), own(d), own(e), own(f)];
  const [i, j, k] = [v * z - w * w, w * u - t * z, t * w - v * u];
  const determinant = s * i + t * j + u * k;
  if (!(determinant > 0)) return [0, 0, 0];
  const [l, m, n] = [s * z - u * u, t * u - s * w, s * v - t * t];
  return [
    (i * p + j * q + k * r) / determinant,
    (j * p + l * q + m * r) / determinant,
    (k * p + m * q + n * r) / determinant,
  ];
}

/** Least share of an image that both frames have to show. */
const LEAST_OVERLAP = 0.2;

/**
 * Visits every place of the reference's level that the frame shows too, with its index, both
 * values and how far the place lies from the centre after the turn.
 */
export function visitOverlap(
  reference: Level,
  frame: Level,
  motion: RigidMotion,
  visit: (at: number, own: number, other: number, u: number, v: number) => void,
): void {
  const { height, width, centre, factor } = reference;
  const [cosine, sine] = [Math.cos(motion.turn), Math.sin(motion.turn)];
  const [shiftX, shiftY] = [centre.x + motion.x / factor, centre.y + motion.y / factor];
  const { values } = frame;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const u = cosine * (x - centre.x) + sine * (y - centre.y);
      const v = cosine * (y - centre.y) - sine * (x - centre.x);
      const [px, py] = [u + shiftX, v + shiftY];
      if (!(px >= 0 && py >= 0 && px < width - 1 && py < height - 1)) continue;
      const [left, top] = [Math.floor(px), Math.floor(py)];
      const [fx, fy] = [px - left, py - top];
      const at = top * width + left;
      const upper = values[at]! + fx * (values[at + 1]! - values[at]!);
      const lower = values[at + width]! + fx * (values[at + width + 1]! - values[at + width]!);
      const place = y * width + x;
      visit(place, reference.values[place]!, upper + fy * (lower - upper), u, v);
    }
}

/** Correlation in [-1, 1] of what two frames show both; 0 where that is too little. */
export function correlation(reference: Level, frame: Level, motion: RigidMotion): number {
  const sums = new Sums();
  visitOverlap(reference, frame, motion, (_, own, other) => sums.add(own, other));
  return sums.count < LEAST_OVERLAP * reference.values.length ? 0 : sums.correlation();
}

class Sums {
  count = 0;
  #a = 0;
  #b = 0;
  #aa = 0;
  #bb = 0;
  #ab = 0;

  add(a: number, b: number): void {
    this.count += 1;
    this.#a += a;
    this.#b += b;
    this.#aa += a * a;
    this.#bb += b * b;
    this.#ab += a * b;
  }

  correlation(): number {
    return correlationOf(this.count, this.#a, this.#b, this.#aa, this.#bb, this.#ab);
  }
}

/** The correlation that sums over pairs of values tell; 0 where one of both does not vary. */
export function correlationOf(
  count: number,
  a: number,
  b: number,
  aa: number,
  bb: number,
  ab: number,
): number {
  const variances = (aa - (a * a) / count) * (bb - (b * b) / count);
  return variances > 0 ? (ab - (a * b) / count) / Math.sqrt(variances) : 0;
}
