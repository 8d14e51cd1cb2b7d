import { ParameterError } from '../utils/errors.js';

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

const bits = new DataView(new ArrayBuffer(8));
const logTwoHigh = 0.6931471803691238;
const logTwoLow = 1.9082149292705877e-10;

/**
 * Natural logarithm of a positive normal number, within 1 unit in the last place or so, from
 * exactly rounded operations only, so that every JavaScript engine gives the same bits;
 * Math.log is free to differ. log(2^e m) = e log 2 + 2 atanh((m - 1) / (m + 1)).
 */
export function portableLog(x: number): number {
  bits.setFloat64(0, x);
  const upper = bits.getInt32(0);
  let exponent = (upper >>> 20) - 1023;
  bits.setInt32(0, (upper & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > 1.41) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  const series =
    z *
    (1 / 3 +
      z *
        (1 / 5 +
          z *
            (1 / 7 +
              z *
                (1 / 9 +
                  z *
                    (1 / 11 +
                      z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21))))))))));
  return exponent * logTwoHigh + (2 * s + (2 * s * series + exponent * logTwoLow));
}

/**
 * The standard normal deviate whose lower tail is 0.5 + q, for q in (-0.5, 0.5), to about 1e-15
 * relative and with the same bits in every engine. Wichura, "Algorithm AS 241", PPND16,
 * Applied Statistics 37 (1988). Taking q instead of the probability keeps the symmetry exact.
 */
export function inverseNormal(q: number): number {
  if (q <= 0.425 && q >= -0.425) {
    const r = 0.180625 - q * q;
    const numerator =
      ((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r +
        45921.95393154987) *
        r +
        13731.69376550946) *
        r +
        1971.5909503065513) *
        r +
        133.14166789178438) *
        r +
      3.3871328727963665;
    const denominator =
      ((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r +
        21213.794301586597) *
        r +
        5394.196021424751) *
        r +
        687.1870074920579) *
        r +
        42.31333070160091) *
        r +
      1;
    return (q * numerator) / denominator;
  }
  const tail = Math.sqrt(-portableLog(q < 0 ? 0.5 + q : 0.5 - q));
  const deviate = tail <= 5 ? nearTail(tail - 1.6) : farTail(tail - 5);
  return q < 0 ? -deviate : deviate;
}

function nearTail(r: number): number {
  const numerator =
    ((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r +
      1.2704582524523684) *
      r +
      3.6478483247632045) *
      r +
      5.769497221460691) *
      r +
      4.630337846156546) *
      r +
    1.4234371107496835;
  const denominator =
    ((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r +
      0.14810397642748008) *
      r +
      0.6897673349851) *
      r +
      1.6763848301838038) *
      r +
      2.053191626637759) *
      r +
    1;
  return numerator / denominator;
}

function farTail(r: number): number {
  const numerator =
    ((((((2.0103343992922881e-7 * r + 2.7115555687434876e-5) * r + 0.0012426609473880784) * r +
      0.026532189526576124) *
      r +
      0.29656057182850487) *
      r +
      1.7848265399172913) *
      r +
      5.463784911164114) *
      r +
    6.657904643501103;
  const denominator =
    ((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 1.8463183175100548e-5) * r +
      0.0007868691311456133) *
      r +
      0.014875361290850615) *
      r +
      0.1369298809227358) *
      r +
      0.599832206555888) *
      r +
    1;
  return numerator / denominator;
}
