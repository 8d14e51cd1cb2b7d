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
