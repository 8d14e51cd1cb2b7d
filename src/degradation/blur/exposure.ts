import { type Trajectory, timeSteps } from './trajectory.js';

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
export interface ExposureSettings {
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
    const moved = [still, ...objects].map((own) => distance(camera, own, at));
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
    const place = count === 1 ? 0 : (travelled[moment]! / total) * (count - 1);
    const instant = Math.min(Math.floor(place), Math.max(count - 2, 0));
    weights[instant]! += open * (1 - (place - instant));
    if (count > 1) weights[instant + 1]! += open * (place - instant);
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
