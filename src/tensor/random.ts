import { ParameterError } from './errors.js';
import { checkPlace, fillBlock, fillNormalLine, wordToNormal } from './normal-field.js';
import { wordsPerBlock } from './philox.js';

// Kinds of numbers never share a counter, nor do they with a picture's planes (image-noise.ts).
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
