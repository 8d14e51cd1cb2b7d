/** A ball whose field is 1 at its centre and falls smoothly to 0 at its rim. */
export interface Ball {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

// A blob is where the fields of its balls add up to more than this.
const threshold = 0.35;

/** Where a place lies relative to the edge of a blob. */
export interface Edge {
  /** About how many pixels inside; negative outside. */
  readonly depth: number;
  /** The direction away from the edge, inwards, of length 1. */
  readonly inwardsX: number;
  readonly inwardsY: number;
}

/** The nearest edge of the blob that balls make together, to first order in the distance. */
export function edgeOf(blob: readonly Ball[], x: number, y: number): Edge {
  let field = -threshold;
  let slopeX = 0;
  let slopeY = 0;
  for (const ball of blob) {
    const scale = 1 / (ball.radius * ball.radius);
    const alongX = x - ball.x;
    const alongY = y - ball.y;
    const rest = 1 - (alongX * alongX + alongY * alongY) * scale;
    if (rest <= 0) continue;
    field += rest * rest;
    slopeX -= 4 * rest * alongX * scale;
    slopeY -= 4 * rest * alongY * scale;
  }
  const slope = Math.max(Math.sqrt(slopeX * slopeX + slopeY * slopeY), 1e-6);
  return { depth: field / slope, inwardsX: slopeX / slope, inwardsY: slopeY / slope };
}
