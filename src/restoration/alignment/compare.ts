import type { Level } from './brightness.js';
import type { RigidMotion } from './rigid-motion.js';

/** Least share of a picture that both frames have to show. */
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
