import { fillNormal, uniformAt } from '../../tensor/random.js';
import { drawUniform } from '../place.js';
import type { Range } from '../settings.js';
import { emptyPlanes, mirrored, type Planes } from './planes.js';

/** A part of a picture that moves on its own. */
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
// Of the field of one ball, which is 1 at its centre and 0 at its rim.
const threshold = 0.35;

/**
 * A random blob: where the fields of a few overlapping balls add up to more than a threshold. Its
 * edge is 1 to 4 pixels wide. Where the region covers all, `background` is overwritten by what it
 * shows a diameter away, so that something else than the region itself appears behind it.
 *
 * @param size diameter relative to the shorter side.
 * @param background light of the picture [C, H, W]; also gives the geometry.
 */
export function drawRegion(size: Range, seed: number, stream: number, background: Planes): Region {
  const { height, width, border, stride } = background;
  const diameter = drawUniform(size, seed, stream, 1) * Math.min(height, width);
  const centreX = width * uniformAt(seed, stream, 2);
  const centreY = height * uniformAt(seed, stream, 3);
  const feather = 1 + 3 * uniformAt(seed, stream, 4);
  const normal = new Float64Array(2 * balls);
  fillNormal(normal, seed, stream, 4);
  const circles = Array.from({ length: balls }, (_, ball) => ({
    x: centreX + 0.2 * diameter * normal[2 * ball]!,
    y: centreY + 0.2 * diameter * normal[2 * ball + 1]!,
    radius: diameter * (0.3 + 0.3 * uniformAt(seed, stream, 5 + ball)),
  }));
  const inside = (place: number, side: number) => Math.min(Math.max(place, -border), side + border);
  const left = inside(Math.floor(Math.min(...circles.map((c) => c.x - c.radius))), width);
  const right = inside(Math.ceil(Math.max(...circles.map((c) => c.x + c.radius))) + 1, width);
  const top = inside(Math.floor(Math.min(...circles.map((c) => c.y - c.radius))), height);
  const bottom = inside(Math.ceil(Math.max(...circles.map((c) => c.y + c.radius))) + 1, height);

  const cover = emptyPlanes(1, height, width, border);
  const depth = new Float32Array(Math.max(0, (right - left) * (bottom - top)));
  for (let y = top, at = 0; y < bottom; y++)
    for (let x = left; x < right; x++, at++) {
      const inwards = depthOf(circles, x, y);
      depth[at] = inwards;
      cover.data[(y + border) * stride + x + border] = smoothStep(0.5 + inwards / feather);
    }
  const region = { cover, left, top, right, bottom };
  hide(background, region, depth, feather, uniformAt(seed, stream, 9) < 0.5);
  return region;
}

/** About how many pixels inside the blob a place lies; negative outside. */
function depthOf(
  circles: readonly { readonly x: number; readonly y: number; readonly radius: number }[],
  x: number,
  y: number,
): number {
  let field = -threshold;
  let slopeX = 0;
  let slopeY = 0;
  for (const circle of circles) {
    const scale = 1 / (circle.radius * circle.radius);
    const alongX = x - circle.x;
    const alongY = y - circle.y;
    const rest = 1 - (alongX * alongX + alongY * alongY) * scale;
    if (rest <= 0) continue;
    field += rest * rest;
    slopeX -= 4 * rest * alongX * scale;
    slopeY -= 4 * rest * alongY * scale;
  }
  return field / Math.max(Math.sqrt(slopeX * slopeX + slopeY * slopeY), 1e-6);
}

/** Replaces what the region covers wholly by what lies a diameter beside or below it. */
function hide(
  { data, count, height, width, border, stride, area }: Planes,
  { left, top, right, bottom }: Region,
  depth: Float32Array,
  feather: number,
  beside: boolean,
): void {
  const shiftX = beside ? right - left : 0;
  const shiftY = beside ? 0 : bottom - top;
  const source = data.slice();
  const columns = Array.from({ length: Math.max(0, right - left) }, (_, at) =>
    mirrored(left + at + shiftX, width),
  );
  for (let plane = 0; plane < count; plane++)
    for (let y = top; y < bottom; y++) {
      const row = plane * area + (y + border) * stride + border;
      const other = plane * area + (mirrored(y + shiftY, height) + border) * stride + border;
      const from = (y - top) * (right - left);
      for (let x = left; x < right; x++) {
        // Nothing may change where the edge lets the background through.
        const hidden = smoothStep((depth[from + x - left]! - feather / 2) / feather);
        if (hidden === 0) continue;
        const shown = source[row + x]!;
        data[row + x] = shown + hidden * (source[other + columns[x - left]!]! - shown);
      }
    }
}

function smoothStep(value: number): number {
  const clamped = Math.min(Math.max(value, 0), 1);
  return clamped * clamped * (3 - 2 * clamped);
}
