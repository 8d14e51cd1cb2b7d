import type { Tensor } from '../../tensor/tensor.js';
import { brightness, type Level, levelsOf } from './brightness-pyramid.js';
import { correlation, correlationOf, refineMotion, visitOverlap } from './refine-motion.js';
import { type RigidMotion, type Size, STILL } from './rigid-motion.js';

/** Longest side on which motion is measured, and on which it is searched for. */
const FINEST = 512;
const COARSEST = 64;
/** Shortest side and least number of pixels that tell anything of a motion. */
const LEAST_SIDE = 24;
const LEAST_AREA = 48 ** 2;
/** Longest side on which it is judged whether a frame shows what the reference shows. */
const JUDGED = 256;
/** Correlation of two green planes from which a frame shows more than noise. */
const DETAILED = 0.25;
/**
 * Correlation from which two frames show the same: the best of all motions makes some in other
 * scenes too, the more the fewer pixels there are, 25 / sqrt(pixels) at most in synthetic scenes.
 * Frames with little more detail than `DETAILED` asks for have about 0.5.
 */
const SAME = 0.2;
const SAME_BY_CHANCE = 28;

/** How a frame moved against the reference, as far as its image tells. */
export interface EstimatedMotion {
  readonly motion: RigidMotion;
  /** Of the detail that both frames show, in [-1, 1]; 0 where nothing was compared. */
  readonly correlation: number;
  /**
   * 'found'; 'different' where the frame does not show what the reference shows; 'unknown' where
   * nothing can be told: frames that are too small, references without detail above their noise,
   * values that are not finite. Only a motion that was found is not still.
   */
  readonly state: 'found' | 'different' | 'unknown';
}

const unknown: EstimatedMotion = { motion: STILL, correlation: 0, state: 'unknown' };

/**
 * The motion of every frame [4, h, w] against the first, the reference: a search over shifts up to
 * a third of each side and turns around 2 degrees on frames reduced to 64 pixels, corrected on
 * larger and larger ones up to 512 pixels.
 * @returns as many as frames, the first one's still.
 */
export function estimateMotions(frames: readonly Tensor[]): EstimatedMotion[] {
  const [first, ...others] = frames;
  if (first === undefined) return [];
  const [, height, width] = first.shape as [number, number, number];
  const reference: EstimatedMotion = { motion: STILL, correlation: 1, state: 'found' };
  const isSmall = Math.min(height, width) < LEAST_SIDE || height * width < LEAST_AREA;
  if (isSmall || others.length === 0 || !hasDetail(first))
    return [reference, ...others.map(() => unknown)];
  const levels = pyramid(first);
  return [reference, ...others.map((frame) => estimateMotion(levels, pyramid(frame)))];
}

function estimateMotion(reference: readonly Level[], frame: readonly Level[]): EstimatedMotion {
  if (!frame[0]!.values.every(Number.isFinite)) return unknown;
  const [coarse, coarseFrame] = [reference.at(-1)!, frame.at(-1)!];
  let motion = STILL;
  let best = Number.NEGATIVE_INFINITY;
  for (const candidate of searchMotions(coarse, coarseFrame)) {
    const refined = refineMotion(coarse, coarseFrame, candidate.motion);
    const score = correlation(coarse, coarseFrame, refined) - costOf(refined, coarse);
    if (score > best) [motion, best] = [refined, score];
  }
  for (let index = reference.length - 2; index >= 0; index -= 1)
    motion = refineMotion(reference[index]!, frame[index]!, motion);
  const judged = judgedLevel(reference);
  const found = correlation(reference[judged]!, frame[judged]!, motion);
  const still = correlation(reference[judged]!, frame[judged]!, STILL);
  const { length } = reference[judged]!.values;
  if (Math.max(found, still) < Math.max(SAME, SAME_BY_CHANCE / Math.sqrt(length)))
    return { motion: STILL, correlation: Math.max(found, still), state: 'different' };
  return still >= found
    ? { motion: STILL, correlation: still, state: 'found' }
    : { motion, correlation: found, state: 'found' };
}

function pyramid(frame: Tensor, planes?: readonly number[]): Level[] {
  const [, height, width] = frame.shape as [number, number, number];
  const { factor, count } = reductionOf({ height, width });
  return levelsOf(brightness(frame, factor, planes), { height, width }, factor, count);
}

/** By how much frames are reduced at once, and how many sizes there are then, each half of the last. */
function reductionOf({ height, width }: Size): { readonly factor: number; readonly count: number } {
  const [longest, shortest] = [Math.max(height, width), Math.min(height, width)];
  const factor = Math.min(Math.ceil(longest / FINEST), Math.floor(shortest / LEAST_SIDE));
  let count = 1;
  const side = (extent: number, halvings: number): number =>
    Math.floor(extent / (factor * 2 ** halvings));
  while (side(longest, count - 1) > COARSEST && side(shortest, count) >= LEAST_SIDE) count += 1;
  return { factor, count };
}

function judgedLevel(levels: readonly Level[]): number {
  const index = levels.findIndex(({ height, width }) => Math.max(height, width) <= JUDGED);
  return index < 0 ? levels.length - 1 : index;
}

/**
 * Whether a frame shows more than noise: its two green planes, whose noise has nothing in common,
 * tell the same.
 */
function hasDetail(frame: Tensor): boolean {
  const [first, second] = [pyramid(frame, [1]), pyramid(frame, [2])];
  const judged = judgedLevel(first);
  return correlation(first[judged]!, second[judged]!, STILL) >= DETAILED;
}

/** Turns that are tried, in degrees; what lies between is found from the nearest. */
const TURNS = [0, -1, 1, -2, 2];
/** Largest shift that is tried, as a share of each side. */
const FURTHEST = 1 / 3;
/**
 * Correlation that a shift by a whole image must add: along edges and in patterns many shifts fit,
 * of which the least is meant.
 */
const COST_OF_DISTANCE = 0.2;

/** A shift and turn with how well it fits, less what its distance costs. */
export interface Candidate {
  readonly motion: RigidMotion;
  readonly score: number;
}

/** The best shift by whole places of a small level for each of a few turns. */
function searchMotions(reference: Level, frame: Level): Candidate[] {
  return TURNS.map((degrees) => bestShift(reference, frame, (degrees * Math.PI) / 180));
}

/** What the distance of a motion takes from its score. */
function costOf({ x, y }: RigidMotion, { width, height, factor }: Level): number {
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
