import { ParameterError } from './errors.js';
import { inverseNormal } from './inverse-normal.js';
import { fillPhilox, wordsPerBlock } from './philox.js';

const scratch = new Uint32Array(512 * wordsPerBlock);

/** The deviate of a random 32-bit word: the normal quantile at (word + 0.5) / 2^32. */
export function wordToNormal(word: number): number {
  return inverseNormal((word - 2147483647.5) * 2.3283064365386963e-10);
}

/** Fills `target` with the four words of one counter: (block, plane, stream), block below 2^64. */
export function fillBlock(
  target: Uint32Array,
  seed: number,
  stream: number,
  plane: number,
  block: number,
): void {
  const upper = Math.floor(block / 2 ** 32);
  fillPhilox(target, 1, seed, Math.floor(seed / 2 ** 32), block, upper, plane, stream);
}

/**
 * Writes `count` standard normal deviates from target[offset] on: those of the places first,
 * first + 1, ... of one line of a plane of a stream. Four places share a counter
 * (place / 4, line, plane, stream); beyond 2^34 places a line runs on into the next.
 */
export function fillNormalLine(
  target: Float32Array | Float64Array,
  offset: number,
  count: number,
  seed: number,
  stream: number,
  plane: number,
  line: number,
  first: number,
): void {
  const key1 = Math.floor(seed / 2 ** 32);
  for (let done = 0; done < count; ) {
    const place = first + done;
    const skip = place % wordsPerBlock;
    const some = Math.min(count - done, scratch.length - skip);
    const block = (place - skip) / wordsPerBlock;
    const upper = line + Math.floor(block / 2 ** 32);
    const blocks = Math.ceil((skip + some) / wordsPerBlock);
    fillPhilox(scratch, blocks, seed, key1, block, upper, plane, stream);
    for (let i = 0; i < some; i++) target[offset + done + i] = wordToNormal(scratch[skip + i]!);
    done += some;
  }
}

/** Refuses a place that the counters cannot tell from another. */
export function checkPlace(seed: number, stream: number, index: number, count: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new ParameterError('seed', 'an integer in [0, 2^53)', seed);
  if (!Number.isInteger(stream) || stream < 0 || stream > 0xffffffff)
    throw new ParameterError('stream', 'an integer in [0, 2^32)', stream);
  if (!Number.isSafeInteger(index) || index < 0 || index > Number.MAX_SAFE_INTEGER - count)
    throw new ParameterError('index', 'integers in [0, 2^53)', index);
}
