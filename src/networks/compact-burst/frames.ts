import { type Value, add, concat, reshape, slice } from '../../graph/index.js';

/** All frames of all bursts one after another, [N F, …], by burst: [N, F, …]. */
export function byBurst(flat: Value, batch: number): Value {
  return reshape(flat, [batch, flat.shape[0]! / batch, ...flat.shape.slice(1)]);
}

/** The inverse of `byBurst`. */
export function flattened(frames: Value): Value {
  const [batch, count, ...rest] = frames.shape as [number, number, ...number[]];
  return reshape(frames, [batch * count, ...rest]);
}

/** Frames `start` to `end` - 1 of every burst. */
export function someFrames(flat: Value, batch: number, start: number, end: number): Value {
  return flattened(slice(byBurst(flat, batch), 1, start, end));
}

/** The first frame [N, …] of every burst before its others, where there are any. */
export function withFirst(first: Value, others: Value | undefined): Value {
  if (others === undefined) return first;
  const batch = first.shape[0]!;
  return flattened(concat([byBurst(first, batch), byBurst(others, batch)], 1));
}

/** Adds to every frame what its burst has in common, [N, …]. */
export function addToFrames(flat: Value, shared: Value): Value {
  const batch = shared.shape[0]!;
  return flattened(add(byBurst(flat, batch), byBurst(shared, batch)));
}
