import type { Exposure, Way } from './exposure.js';

/** A rectangle of a picture in which everything moves alike; right and bottom exclusive. */
export interface BlurTile {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Where the scene's points have moved at every instant, in pixels. */
  readonly camera: Way;
}

// Within a tile a turn is taken for the shift of the tile's centre, with an error below this.
const largestError = 0.1;
const smallestTile = 8;

/**
 * Tiles so small that within each the turn about the picture's centre is a shift, up to 1/10 pixel.
 * Without a turn there is one tile.
 */
export function* blurTiles(exposure: Exposure, height: number, width: number): Generator<BlurTile> {
  const { x, y, angle } = exposure;
  const turn = angle.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const side = Math.max(smallestTile, Math.floor((2 * largestError) / turn));
  const rows = Math.max(1, Math.ceil(height / side));
  const columns = Math.max(1, Math.ceil(width / side));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns);
      const right = Math.floor(((column + 1) * width) / columns);
      const top = Math.floor((row * height) / rows);
      const bottom = Math.floor(((row + 1) * height) / rows);
      const fromCentreX = (left + right - width) / 2;
      const fromCentreY = (top + bottom - height) / 2;
      const camera = {
        x: x.map((shift, at) => shift - angle[at]! * fromCentreY),
        y: y.map((shift, at) => shift + angle[at]! * fromCentreX),
      };
      yield { left, top, right, bottom, camera };
    }
}

/** What moves along both ways at once. */
export function joined(first: Way, second: Way): Way {
  return {
    x: first.x.map((shift, at) => shift + second.x[at]!),
    y: first.y.map((shift, at) => shift + second.y[at]!),
  };
}

/** The largest shift along either axis. */
export function farthest({ x, y }: Way): number {
  let reach = 0;
  for (let at = 0; at < x.length; at++) reach = Math.max(reach, Math.abs(x[at]!), Math.abs(y[at]!));
  return reach;
}
