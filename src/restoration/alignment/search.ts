import type { Level } from './brightness.js';
import { correlationOf, visitOverlap } from './compare.js';
import type { RigidMotion } from './rigid-motion.js';

/** Turns that are tried, in degrees; what lies between is found from the nearest. */
const TURNS = [0, -1, 1, -2, 2];
/** Largest shift that is tried, as a share of each side. */
const FURTHEST = 1 / 3;
/**
 * Correlation that a shift by a whole picture must add: along edges and in patterns many shifts fit,
 * of which the least is meant.
 */
const COST_OF_DISTANCE = 0.2;

/** A shift and turn with how well it fits, less what its distance costs. */
export interface Candidate {
  readonly motion: RigidMotion;
  readonly score: number;
}

/** The best shift by whole places of a small level for each of a few turns. */
export function searchMotions(reference: Level, frame: Level): Candidate[] {
  return TURNS.map((degrees) => bestShift(reference, frame, (degrees * Math.PI) / 180));
}

/** What the distance of a motion takes from its score. */
export function costOf({ x, y }: RigidMotion, { width, height, factor }: Level): number {
  return (COST_OF_DISTANCE * Math.hypot(x, y)) / (factor * Math.max(width, height));
}

function bestShift(reference: Level, frame: Level, turn: number): Candidate {
  const { height, width, factor } = reference;
  const turned = new Float32Array(height * width);
  const seen = new Float32Array(height * width);
  visitOverlap(reference, frame, { x: 0, y: 0, turn }, (at, _, other) => {
    turned[at] = other;
    seen[at] = 1;
  });
  const [across, down] = [Math.floor(width * FURTHEST), Math.floor(height * FURTHEST)];
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  let best: Candidate = { motion: { x: 0, y: 0, turn }, score: Number.NEGATIVE_INFINITY };
  for (let dy = -down; dy <= down; dy += 1)
    for (let dx = -across; dx <= across; dx += 1) {
      const [x, y] = [factor * (cosine * dx + sine * dy), factor * (cosine * dy - sine * dx)];
      const motion = { x, y, turn };
      const fit = shiftedCorrelation(reference, turned, seen, dx, dy);
      const score = fit - costOf(motion, reference);
      if (score > best.score) best = { motion, score };
    }
  return best;
}

/** Correlation of reference(p) with turned(p + shift) where both are seen. */
function shiftedCorrelation(
  { height, width, values }: Level,
  turned: Float32Array,
  seen: Float32Array,
  dx: number,
  dy: number,
): number {
  let [count, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  const [left, right] = [Math.max(0, -dx), Math.min(width, width - dx)];
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y += 1) {
    const to = dy * width + dx;
    for (let at = y * width + left; at < y * width + right; at += 1) {
      const mask = seen[at + to]!;
      const own = values[at]! * mask;
      const other = turned[at + to]!;
      count += mask;
      a += own;
      b += other;
      aa += own * own;
      bb += other * other;
      ab += own * other;
    }
  }
  return count === 0 ? 0 : correlationOf(count, a, b, aa, bb, ab);
}
