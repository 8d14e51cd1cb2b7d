/** The squared magnitude of both differences together at a frequency in turns per pixel. */
export function slopePower(down: number, across: number): number {
  const power = (frequency: number): number => 2 - 2 * Math.cos(2 * Math.PI * frequency);
  return power(down) + power(across);
}
