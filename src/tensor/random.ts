import { ParameterError } from '../utils/errors.js';
import { inverseNormal } from './inverse-normal.js';

/** Words that one counter yields. */
export const wordsPerBlock = 4;

/**
 * Philox4x32-10 over consecutive counters: block b of `target` (four words) is the cipher of the
 * counter (c0 + b, c1, c2, c3), carried from c0 into c1, under the key (k0, k1). All are uint32.
 * Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function fillPhilox(
  target: Uint32Array,
  blocks: number,
  k0: number,
  k1: number,
  firstC0: number,
  firstC1: number,
  c2: number,
  c3: number,
): void {
  let low = firstC0 | 0;
  let high = firstC1 | 0;
  for (let block = 0; block < blocks; block++) {
    let a = low;
    let b = high;
    let c = c2 | 0;
    let d = c3 | 0;
    let key0 = k0 | 0;
    let key1 = k1 | 0;
    for (let round = 0; round < 10; round++) {
      // The upper halves of 0xd2511f53 * a and 0xcd9e8d57 * c by 16-bit parts: no partial sum
      // exceeds 32 bits, so Math.imul loses nothing.
      const aLow = a & 0xffff;
      const aHigh = a >>> 16;
      const aMiddle = (Math.imul(aHigh, 0x1f53) + (Math.imul(aLow, 0x1f53) >>> 16)) | 0;
      const aCross = (Math.imul(aLow, 0xd251) + (aMiddle & 0xffff)) | 0;
      const aUpper = (Math.imul(aHigh, 0xd251) + (aMiddle >>> 16) + (aCross >>> 16)) | 0;
      const cLow = c & 0xffff;
      const cHigh = c >>> 16;
      const cMiddle = (Math.imul(cHigh, 0x8d57) + (Math.imul(cLow, 0x8d57) >>> 16)) | 0;
      const cCross = (Math.imul(cLow, 0xcd9e) + (cMiddle & 0xffff)) | 0;
      const cUpper = (Math.imul(cHigh, 0xcd9e) + (cMiddle >>> 16) + (cCross >>> 16)) | 0;
      const nextB = Math.imul(c, 0xcd9e8d57);
      const nextD = Math.imul(a, 0xd2511f53);
      a = cUpper ^ b ^ key0;
      c = aUpper ^ d ^ key1;
      b = nextB;
      d = nextD;
      key0 = (key0 + 0x9e3779b9) | 0;
      key1 = (key1 + 0xbb67ae85) | 0;
    }
    const at = block * wordsPerBlock;
    target[at] = a;
    target[at + 1] = b;
    target[at + 2] = c;
    target[at + 3] = d;
    low = (low + 1) | 0;
    if (low === 0) high = (high + 1) | 0;
  }
}

// Kinds of numbers never share a counter, nor do they with an image's planes (image-noise.ts).
const wordKind = 0xffffffff;
const uniformKind = 0xfffffffe;
const normalKind = 0xfffffffd;
const block = new Uint32Array(wordsPerBlock);

/**
 * A random 32-bit word: a function of seed [0, 2^53), stream [0, 2^32) and index [0, 2^53 - 1).
 * @throws ParameterError where one of them is out of range, as all functions here do.
 */
export function uniform32(seed: number, stream: number, index: number): number {
  return wordAt(seed, stream, index, wordKind);
}

/** A uniform double in [0, 1) of 53 random bits: a function of seed, stream and index. */
export function uniformAt(seed: number, stream: number, index: number): number {
  checkPlace(seed, stream, index, 1);
  fillBlock(block, seed, stream, uniformKind, Math.floor(index / 2));
  const at = (index % 2) * 2;
  return ((block[at]! >>> 5) * 0x4000000 + (block[at + 1]! >>> 6)) / 0x20000000000000;
}

/**
 * A uniform integer in [0, bound), made from `uniformAt` of the same place.
 * @throws ParameterError where bound is not an integer in [1, 2^32].
 */
export function integerAt(seed: number, stream: number, index: number, bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
    throw new ParameterError('bound', 'an integer in [1, 2^32]', bound);
  return Math.floor(uniformAt(seed, stream, index) * bound);
}

/**
 * A standard normal deviate, with the same bits in every JavaScript engine. It is the normal
 * quantile at (w + 0.5) / 2^32 of a random word w, hence symmetric and within 6.34 deviations.
 */
export function normalAt(seed: number, stream: number, index: number): number {
  return wordToNormal(wordAt(seed, stream, index, normalKind));
}

/** Fills `target` with `normalAt` of firstIndex, firstIndex + 1, ... (rounded to its precision). */
export function fillNormal(
  target: Float32Array | Float64Array,
  seed: number,
  stream: number,
  firstIndex = 0,
): void {
  checkPlace(seed, stream, firstIndex, target.length);
  fillNormalLine(target, 0, target.length, seed, stream, normalKind, 0, firstIndex);
}

function wordAt(seed: number, stream: number, index: number, kind: number): number {
  checkPlace(seed, stream, index, 1);
  fillBlock(block, seed, stream, kind, Math.floor(index / wordsPerBlock));
  return block[index % wordsPerBlock]!;
}

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
