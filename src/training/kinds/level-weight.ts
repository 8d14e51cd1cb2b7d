const FLOOR = 0.004;
const REFERENCE = 0.1;

/**
 * Weight of a sample whose noise has deviation sigma. The best estimate at one level does not
 * depend on the weights of the others, so they are free; squared errors grow about like
 * sigma / (sigma + 0.1), and their inverse lets every level speak alike.
 */
export function levelWeight(sigma: number): number {
  return (Math.max(sigma, FLOOR) + REFERENCE) / Math.max(sigma, FLOOR);
}
