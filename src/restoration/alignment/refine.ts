import type { Level } from './brightness.js';
import { visitOverlap } from './compare.js';
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
 * IJCAI 1981), for one shift and turn of the whole picture. Holds from about two places off.
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
