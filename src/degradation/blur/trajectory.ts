import { fillNormal, uniformAt } from '../../tensor/random.js';
import { drawLogUniform, drawUniform } from '../degradation.js';
import type { MotionBlurSettings, ObjectMotion, Range } from '../settings.js';

/** Movement during an exposure, at equal steps of time: positions in pixels, rotations in radians. */
export interface Trajectory {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly angle: Float64Array;
}

/** The law of a camera's shake; lengths in pixels, the swing in degrees. */
interface ShakeLaw {
  readonly path: Range;
  readonly rotation: number;
  readonly inertia: Range;
  readonly impulses: number;
  readonly pull: number;
}

/** Moments at which a trajectory is known. */
const timeSteps = 256;

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
  const persistence = Math.exp(-step / lasting);
  const driven = Math.sqrt(1 - persistence * persistence);
  const ways = [0, 1, 2].map(() => new Float64Array(timeSteps));
  const speeds = [0, 1, 2].map((axis) => tremor[axis]!);
  for (let moment = 1; moment < timeSteps; moment++) {
    const jerked = uniformAt(seed, impulseStream, moment) < law.impulses * step;
    for (let axis = 0; axis < 3; axis++) {
      const way = ways[axis]!;
      const position = way[moment - 1]!;
      const pushed = persistence * speeds[axis]! + driven * tremor[6 * moment + axis]!;
      const speed = jerked ? jerkSize * tremor[6 * moment + 3 + axis]! : pushed;
      speeds[axis] = speed - law.pull * position * step;
      way[moment] = position + speeds[axis]! * step;
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
 * The movement of an independent object: a random velocity with a slight acceleration, scaled so
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

/** The length of a way in the unit of its positions. */
export function wayLength(x: Float64Array, y: Float64Array): number {
  let length = 0;
  for (let at = 1; at < x.length; at++)
    length += Math.sqrt((x[at]! - x[at - 1]!) ** 2 + (y[at]! - y[at - 1]!) ** 2);
  return length;
}

function scale(ways: readonly Float64Array[], factor: number): void {
  for (const way of ways) for (let at = 0; at < way.length; at++) way[at]! *= factor;
}

/** Places of the scene and of what moves in it, at the instants an exposure is summed over. */
export interface Exposure {
  /** What part of the light falls into each instant; they sum to 1. */
  readonly weights: Float64Array;
  /** Where the scene's points have moved, in pixels; its weighted mean is 0. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Turn about the centre in radians; its weighted mean is 0. */
  readonly angle: Float64Array;
  /** Where each object's points have moved relative to the scene; their weighted means are 0. */
  readonly objects: readonly Way[];
}

export interface Way {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** How an exposure is taken. */
interface ExposureSettings {
  /** Part of the exposure in which the shutter opens, and again closes. */
  readonly ramp: number;
  /** Pixels from the centre of rotation to the farthest pixel. */
  readonly radius: number;
  /** How far from its mean the scene may move, and each object; longer ways are shrunk. */
  readonly reach: number;
  readonly objectReach: number;
}

/**
 * Instants along the ways, one per pixel of what moves fastest: with bilinear sampling a steady movement is
 * then a perfectly even streak. Each weighs as much as the exposure lingers there.
 */
export function expose(
  camera: Trajectory,
  objects: readonly Trajectory[],
  { ramp, radius, reach, objectReach }: ExposureSettings,
): Exposure {
  const tracks = [camera.x, camera.y, camera.angle, ...objects.flatMap(({ x, y }) => [x, y])];
  const moments = camera.x.length;
  const travelled = new Float64Array(moments);
  for (let at = 1; at < moments; at++) {
    const turned = radius * Math.abs(camera.angle[at]! - camera.angle[at - 1]!);
    const moved = [still, ...objects].map((object) => distance(camera, object, at));
    travelled[at] = travelled[at - 1]! + Math.max(...moved) + turned;
  }
  const total = travelled[moments - 1]!;
  const count = Math.ceil(total) + 1;
  const sampled = tracks.map((track) => atDistances(track, travelled, count));
  const weights = lingering(travelled, count, ramp);
  for (const track of sampled) centre(track, weights);
  const [x, y, angle, ...rest] = sampled as [Float64Array, Float64Array, Float64Array];
  shrinkInto({ x, y }, reach);
  const ways = objects.map((_, at) => ({ x: rest[2 * at]!, y: rest[2 * at + 1]! }));
  for (const way of ways) shrinkInto(way, objectReach);
  return { weights, x, y, angle, objects: ways };
}

const still: Way = { x: new Float64Array(timeSteps), y: new Float64Array(timeSteps) };

/** How far what moves along both ways goes in the step that ends at a moment. */
function distance(first: Way, second: Way, at: number): number {
  const alongX = first.x[at]! - first.x[at - 1]! + second.x[at]! - second.x[at - 1]!;
  const alongY = first.y[at]! - first.y[at - 1]! + second.y[at]! - second.y[at - 1]!;
  return Math.sqrt(alongX * alongX + alongY * alongY);
}

/** A track at `count` equal distances along the way. */
function atDistances(track: Float64Array, travelled: Float64Array, count: number): Float64Array {
  const total = travelled[travelled.length - 1]!;
  const result = new Float64Array(count);
  let moment = 0;
  for (let at = 0; at < count; at++) {
    const wanted = count === 1 ? 0 : (total * at) / (count - 1);
    while (moment < travelled.length - 2 && travelled[moment + 1]! < wanted) moment++;
    const from = travelled[moment]!;
    const span = travelled[moment + 1]! - from;
    const part = span > 0 ? Math.min((wanted - from) / span, 1) : 0;
    result[at] = track[moment]! + part * (track[moment + 1]! - track[moment]!);
  }
  return result;
}

/** The light of every moment, shared between the two instants nearest to it. */
function lingering(travelled: Float64Array, count: number, ramp: number): Float64Array {
  const moments = travelled.length;
  const total = travelled[moments - 1]!;
  const weights = new Float64Array(count);
  let sum = 0;
  for (let moment = 0; moment < moments; moment++) {
    const time = (moment + 0.5) / moments;
    const open = ramp === 0 ? 1 : Math.min(1, time / ramp, (1 - time) / ramp);
    const position = count === 1 ? 0 : (travelled[moment]! / total) * (count - 1);
    const instant = Math.min(Math.floor(position), Math.max(count - 2, 0));
    weights[instant]! += open * (1 - (position - instant));
    if (count > 1) weights[instant + 1]! += open * (position - instant);
    sum += open;
  }
  return weights.map((weight) => weight / sum);
}

function centre(track: Float64Array, weights: Float64Array): void {
  const mean = track.reduce((sum, value, at) => sum + weights[at]! * value, 0);
  for (let at = 0; at < track.length; at++) track[at]! -= mean;
}

function shrinkInto({ x, y }: Way, reach: number): void {
  let farthest = 0;
  for (let at = 0; at < x.length; at++)
    farthest = Math.max(farthest, Math.abs(x[at]!), Math.abs(y[at]!));
  if (farthest <= reach) return;
  for (let at = 0; at < x.length; at++) {
    x[at]! *= reach / farthest;
    y[at]! *= reach / farthest;
  }
}

/** How much moves during an exposure. */
interface BlurLaw {
  /** Length of the camera's way in pixels. */
  readonly path: Range;
  /** Largest swing in degrees. */
  readonly rotation: number;
  readonly objects: ObjectMotion | false;
}

const size = { minimum: 0.3, maximum: 0.8 };

/**
 * What the strengths mean: the length of the camera's way in pixels (on average 5, 18 and 42), its
 * swing in degrees and the objects that move independently. Medium is about what hand-held video of
 * 720 lines shows.
 */
export const blurStrengths: Readonly<Record<MotionBlurSettings['strength'], BlurLaw>> = {
  light: {
    path: { minimum: 2, maximum: 8 },
    rotation: 0.1,
    objects: { count: { minimum: 0, maximum: 1 }, path: { minimum: 1, maximum: 4 }, size },
  },
  medium: {
    path: { minimum: 6, maximum: 30 },
    rotation: 0.3,
    objects: { count: { minimum: 0, maximum: 2 }, path: { minimum: 2, maximum: 12 }, size },
  },
  strong: {
    path: { minimum: 24, maximum: 60 },
    rotation: 0.6,
    objects: { count: { minimum: 0, maximum: 3 }, path: { minimum: 6, maximum: 30 }, size },
  },
};

/** The strength of the settings with the entries that they give themselves. */
export function blurLaw({ strength, path, rotation, objects }: MotionBlurSettings): BlurLaw {
  const preset = blurStrengths[strength];
  return {
    path: path ?? preset.path,
    rotation: rotation ?? preset.rotation,
    objects: objects ?? preset.objects,
  };
}
