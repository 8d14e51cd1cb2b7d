import { type Tensor, tensor } from '../tensor/tensor.js';

/** Pixels that colours are carried into what is transparent; nothing further away matters. */
export const BLEED_REACH = 32;

/** Neighbours of a pixel: rows, columns, share. */
const neighbours = [
  [-1, -1, 1],
  [-1, 0, 2],
  [-1, 1, 1],
  [0, -1, 2],
  [0, 1, 2],
  [1, -1, 1],
  [1, 0, 2],
  [1, 1, 1],
] as const;

/**
 * Carries colours of visible pixels into those that nobody sees, so that networks meet no edge
 * between an image and whatever is stored where alpha is 0, and none shines into what is visible.
 * Ring by ring a pixel gets the mean of its neighbours that have a colour, weighted by their alpha.
 * @param colour [3, H, W].
 * @param alpha [1, H, W]; colours where it is above 0 stay as they are.
 * @returns a new tensor, or `colour` where nothing is transparent; colours further than BLEED_REACH
 * from anything visible stay.
 */
export function bleedColours(colour: Tensor, alpha: Tensor): Tensor {
  const [, height, width] = colour.shape as [number, number, number];
  const pixels = height * width;
  let ring = firstRing(alpha.data, height, width);
  if (ring.length === 0) return colour;
  const made = tensor(colour.shape, colour.data.slice());
  const trust = alpha.data.slice();
  for (let step = 0; step < BLEED_REACH && ring.length > 0; step += 1) {
    const found = ring.map((pixel) => meanAround(made.data, trust, pixel, { height, width }));
    const next = new Set<number>();
    for (const [index, pixel] of ring.entries()) {
      const { sums, weight, shares } = found[index]!;
      for (let channel = 0; channel < 3; channel += 1)
        made.data[channel * pixels + pixel] = sums[channel]! / weight;
      trust[pixel] = weight / shares;
    }
    for (const pixel of ring)
      for (const other of around(pixel, height, width)) if (trust[other] === 0) next.add(other);
    ring = [...next];
  }
  return made;
}

/** Transparent pixels beside one that is not. */
function firstRing(alpha: Float32Array, height: number, width: number): number[] {
  const ring: number[] = [];
  for (let pixel = 0; pixel < alpha.length; pixel += 1) {
    // Most transparent pixels lie between others, which is seen without looking around each.
    if (alpha[pixel] !== 0 || isLost(alpha, pixel, width)) continue;
    if (around(pixel, height, width).some((other) => alpha[other] !== 0)) ring.push(pixel);
  }
  return ring;
}

/** Whether all around is transparent; false negatives are possible at the ends of rows. */
function isLost(alpha: Float32Array, pixel: number, width: number): boolean {
  for (const row of [pixel - width, pixel, pixel + width])
    for (let other = row - 1; other <= row + 1; other += 1) if (alpha[other] !== 0) return false;
  return true;
}

function around(pixel: number, height: number, width: number): number[] {
  const [y, x] = [Math.floor(pixel / width), pixel % width];
  const found: number[] = [];
  for (const [down, right] of neighbours) {
    const [row, column] = [y + down, x + right];
    if (row >= 0 && row < height && column >= 0 && column < width) found.push(row * width + column);
  }
  return found;
}

function meanAround(
  data: Float32Array,
  trust: Float32Array,
  pixel: number,
  { height, width }: { readonly height: number; readonly width: number },
): { sums: [number, number, number]; weight: number; shares: number } {
  const pixels = height * width;
  const [y, x] = [Math.floor(pixel / width), pixel % width];
  const sums: [number, number, number] = [0, 0, 0];
  let weight = 0;
  let shares = 0;
  for (const [down, right, share] of neighbours) {
    const [row, column] = [y + down, x + right];
    if (row < 0 || row >= height || column < 0 || column >= width) continue;
    const other = row * width + column;
    const trusted = share * trust[other]!;
    if (trusted === 0) continue;
    weight += trusted;
    shares += share;
    for (let channel = 0; channel < 3; channel += 1)
      sums[channel]! += trusted * data[channel * pixels + other]!;
  }
  return { sums, weight, shares };
}
