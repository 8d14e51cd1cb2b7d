import { fillNormal, uniformAt } from '../../tensor/random.js';
import { drawUniform } from '../degradation.js';
import type { Range } from '../settings.js';
import { emptyPlanes, type Planes } from './convolve.js';

/** A part of an image that moves independently. */
export interface Region {
  /** One plane: how much of each pixel the region covers, 0 to 1. */
  readonly cover: Planes;
  /** The pixels, border included, outside of which nothing is covered; right and bottom exclusive. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const balls = 4;

/**
 * A random region: a blob whose edge is 1 to 4 pixels wide. Where it covers all, `background` is
 * overwritten by the mirror image of what lies outside its edge, so that the surroundings and not
 * the region itself appear where it moves away.
 *
 * @param size diameter relative to the shorter side.
 * @param reach how many pixels of the background the region may uncover.
 * @param background light of the image [C, H, W]; also gives the geometry.
 */
export function drawRegion(
  size: Range,
  reach: number,
  seed: number,
  stream: number,
  background: Planes,
): Region {
  const { height, width, border, stride } = background;
  const diameter = drawUniform(size, seed, stream, 1) * Math.min(height, width);
  const centreX = width * uniformAt(seed, stream, 2);
  const centreY = height * uniformAt(seed, stream, 3);
  const feather = 1 + 3 * uniformAt(seed, stream, 4);
  const normal = new Float64Array(2 * balls);
  fillNormal(normal, seed, stream, 4);
  const blob: Ball[] = Array.from({ length: balls }, (_, ball) => ({
    x: centreX + 0.2 * diameter * normal[2 * ball]!,
    y: centreY + 0.2 * diameter * normal[2 * ball + 1]!,
    radius: diameter * (0.3 + 0.3 * uniformAt(seed, stream, 5 + ball)),
  }));
  const inside = (position: number, side: number) =>
    Math.min(Math.max(position, -border), side + border);
  const left = inside(Math.floor(Math.min(...blob.map((ball) => ball.x - ball.radius))), width);
  const right = inside(Math.ceil(Math.max(...blob.map((ball) => ball.x + ball.radius))), width);
  const top = inside(Math.floor(Math.min(...blob.map((ball) => ball.y - ball.radius))), height);
  const bottom = inside(Math.ceil(Math.max(...blob.map((ball) => ball.y + ball.radius))), height);

  const cover = emptyPlanes(1, height, width, border);
  const behind = { ...background, data: background.data.slice() };
  // The depth is an estimate; twice the reach is on the safe side.
  const deepest = 2 * (reach + feather);
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const { depth, inwardsX, inwardsY } = edgeOf(blob, x, y);
      cover.data[(y + border) * stride + x + border] = smoothStep(0.5 + depth / feather);
      // Nothing may change where the edge lets the background through.
      const hidden = smoothStep((depth - feather / 2) / feather);
      if (hidden > 0 && depth < deepest)
        mix(behind, background, x, y, x - 2 * depth * inwardsX, y - 2 * depth * inwardsY, hidden);
    }
  return { cover, left, top, right, bottom };
}

/** Moves a pixel of `to` towards what `from` shows at another position, by a part. */
function mix(
  from: Planes,
  to: Planes,
  x: number,
  y: number,
  otherX: number,
  otherY: number,
  part: number,
): void {
  const { border, stride, area, count, height, width } = from;
  const placeX = Math.min(Math.max(otherX, -border), width + border - 1.001) + border;
  const placeY = Math.min(Math.max(otherY, -border), height + border - 1.001) + border;
  const column = Math.min(Math.floor(placeX), stride - 2);
  const row = Math.min(Math.floor(placeY), height + 2 * border - 2);
  const across = placeX - column;
  const below = placeY - row;
  const at = (y + border) * stride + x + border;
  for (let plane = 0; plane < count; plane++) {
    const upper = plane * area + row * stride + column;
    const lower = upper + stride;
    const top = from.data[upper]! * (1 - across) + from.data[upper + 1]! * across;
    const bottom = from.data[lower]! * (1 - across) + from.data[lower + 1]! * across;
    const shown = to.data[plane * area + at]!;
    to.data[plane * area + at] = shown + part * (top * (1 - below) + bottom * below - shown);
  }
}

function smoothStep(value: number): number {
  const clamped = Math.min(Math.max(value, 0), 1);
  return clamped * clamped * (3 - 2 * clamped);
}

/** A ball whose field is 1 at its centre and falls smoothly to 0 at its rim. */
interface Ball {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

// A blob is where the fields of its balls add up to more than this.
const threshold = 0.35;

/** Where a position lies relative to the edge of a blob. */
interface Edge {
  /** About how many pixels inside; negative outside. */
  readonly depth: number;
  /** The direction away from the edge, inwards, of length 1. */
  readonly inwardsX: number;
  readonly inwardsY: number;
}

/** The nearest edge of the blob that balls make together, to first order in the distance. */
function edgeOf(blob: readonly Ball[], x: number, y: number): Edge {
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
