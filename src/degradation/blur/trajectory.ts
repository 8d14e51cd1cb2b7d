import { fillNormal, uniformAt } from '../../tensor/random.js';
import { drawLogUniform, drawUniform } from '../place.js';
import type { Range } from '../settings.js';

/** Movement during an exposure, at equal steps of time: image places in pixels, turns in radians. */
export interface Trajectory {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly angle: Float64Array;
}

/** The law of a camera's shake; lengths in pixels, the swing in degrees. */
export interface ShakeLaw {
  readonly path: Range;
  readonly rotation: number;
  readonly inertia: Range;
  readonly impulses: number;
  readonly pull: number;
}

/** Moments at which a trajectory is known. */
export const timeSteps = 256;

const scalarStream = 0;
const walkStream = 1;
const impulseStream = 2;

/**
 * A random camera shake: a walk whose velocity persists for a while (inertia), is driven by tremor,
 * is pulled back to where it began and is now and then replaced by a jerk, in the manner of
 * Boracchi & Foi, "Modeling the performance of image restoration from motion blur" (2012). It is
 * scaled so that the length of the way follows the law; the swing is uniform in [0, rotation).
 */
export function drawShakeTrajectory(law: ShakeLaw, seed: number): Trajectory {
  const length = drawUniform(law.path, seed, scalarStream, 0);
  const lasting = drawLogUniform(law.inertia, seed, scalarStream, 1);
  const swing = ((law.rotation * Math.PI) / 180) * uniformAt(seed, scalarStream, 2);
  const tremor = new Float64Array(6 * timeSteps);
  fillNormal(tremor, seed, walkStream);

  const step = 1 / timeSteps;
  const kept = Math.exp(-step / lasting);
  const driven = Math.sqrt(1 - kept * kept);
  const ways = [0, 1, 2].map(() => new Float64Array(timeSteps));
  const speeds = [0, 1, 2].map((axis) => tremor[axis]!);
  for (let moment = 1; moment < timeSteps; moment++) {
    const jerked = uniformAt(seed, impulseStream, moment) < law.impulses * step;
    for (let axis = 0; axis < 3; axis++) {
      const way = ways[axis]!;
      const place = way[moment - 1]!;
      const pushed = kept * speeds[axis]! + driven * tremor[6 * moment + axis]!;
      const speed = jerked ? jerkSize * tremor[6 * moment + 3 + axis]! : pushed;
      speeds[axis] = speed - law.pull * place * step;
      way[moment] = place + speeds[axis]! * step;
    }
  }
  const [x, y, angle] = ways as [Float64Array, Float64Array, Float64Array];
  scale([x, y], length / wayLength(x, y));
  scale([angle], swing / (Math.max(...angle) - Math.min(...angle)));
  return { x, y, angle };
}

// A jerk is about twice as fast as the tremor.
const jerkSize = 2;

/**
 * The movement of an object of its own: a random velocity with a slight acceleration, scaled so
 * that the length of the way is uniform in the range.
 */
export function drawObjectTrajectory(path: Range, seed: number, stream: number): Trajectory {
  const length = drawUniform(path, seed, stream, 0);
  const normal = new Float64Array(4);
  fillNormal(normal, seed, stream);
  const [velocityX, velocityY, bendX, bendY] = normal as unknown as number[];
  const along = (velocity: number, bend: number) =>
    Float64Array.from({ length: timeSteps }, (_, moment) => {
      const time = moment / timeSteps - 0.5;
      return velocity * time + 0.3 * bend * time * time;
    });
  const x = along(velocityX!, bendX!);
  const y = along(velocityY!, bendY!);
  scale([x, y], length / wayLength(x, y));
  return { x, y, angle: new Float64Array(timeSteps) };
}

/** The length of a way in the unit of its places. */
export function wayLength(x: Float64Array, y: Float64Array): number {
  let length = 0;
  for (let at = 1; at < x.length; at++)
    length += Math.sqrt((x[at]! - x[at - 1]!) ** 2 + (y[at]! - y[at - 1]!) ** 2);
  return length;
}

function scale(ways: readonly Float64Array[], factor: number): void {
  for (const way of ways) for (let at = 0; at < way.length; at++) way[at]! *= factor;
}
