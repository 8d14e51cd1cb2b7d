import type { Box, Canvas, Shader } from './canvas.js';
import { dim, light, mix, ramp } from './colour.js';
import { dice, Noise } from './noise.js';
import { ellipse, type Point, polygon, stroke } from './shapes.js';

const mortar = light(0xb9ada0);
const frame = light(0xf3efe4);

/** Paints a brick house with a tiled roof and a star of sixteen spokes in its gable. */
export function paintHouse(canvas: Canvas): void {
  const wall = { left: 346, right: 470, top: 246, bottom: 338 };
  const peak: Point = [408, 178];
  canvas.paint({ left: 446, right: 460, top: 184, bottom: 236 }, bricks(446));
  polygon(
    canvas,
    [
      [wall.left, wall.bottom],
      [wall.left, wall.top],
      peak,
      [wall.right, wall.top],
      [wall.right, wall.bottom],
    ],
    bricks(wall.left),
  );
  roof(canvas, peak, [wall.left - 10, wall.top + 8]);
  roof(canvas, peak, [wall.right + 10, wall.top + 8]);
  star(canvas, [peak[0], 226], 24);
  window(canvas, { left: 358, right: 384, top: 262, bottom: 298 });
  window(canvas, { left: 432, right: 458, top: 262, bottom: 298 });
  door(canvas, { left: 396, right: 421, top: 268, bottom: 340 });
}

function bricks(origin: number): Shader {
  const noise = new Noise(71);
  return (x, y) => {
    const course = Math.floor(y / 4.4);
    const shifted = x - origin + (course % 2) * 4.5;
    const inJoint = y - course * 4.4 < 0.75 || ((shifted % 9) + 9) % 9 < 0.75;
    const grime = 0.7 + 0.5 * noise.octaves(x / 18, y / 18, 4);
    if (inJoint) return dim(mortar, grime * 0.8);
    const tint = noise.at(Math.floor(shifted / 9) * 3.7, course * 5.3);
    return dim(mix(light(0x8c3b2a), light(0xc4714e), tint), grime * (0.9 + 0.2 * noise.at(x, y)));
  };
}

/** One slope of the roof seen edge on: a band of overlapping tiles from the ridge to the eaves. */
function roof(canvas: Canvas, ridge: Point, eaves: Point): void {
  const length = Math.hypot(eaves[0] - ridge[0], eaves[1] - ridge[1]);
  const [dx, dy] = [(eaves[0] - ridge[0]) / length, (eaves[1] - ridge[1]) / length];
  stroke(canvas, ridge, eaves, [13, 13], (x, y) => {
    const along = (x - ridge[0]) * dx + (y - ridge[1]) * dy;
    const tile = ((along % 6) + 6) % 6;
    const lit = dx < 0 ? 1.15 : 0.75;
    return dim(mix(light(0x3b3f4c), light(0x7d8596), tile / 6), lit * (tile < 0.8 ? 0.4 : 1));
  });
}

function star(canvas: Canvas, [x, y]: Point, radius: number): void {
  ellipse(canvas, [x, y], [radius + 3, radius + 3], () => frame);
  ellipse(canvas, [x, y], [radius, radius], (px, py) => {
    const spoke = Math.floor((Math.atan2(py - y, px - x) / Math.PI + 1) * 16);
    return spoke % 2 === 0 ? light(0x14213d) : light(0xfdf6e3);
  });
}

function window(canvas: Canvas, box: Box): void {
  const noise = new Noise(72);
  const middle = (box.left + box.right) / 2;
  const height = box.bottom - box.top;
  canvas.paint(grown(box, 2.5), () => frame);
  canvas.paint(box, (x, y) => {
    const bar = Math.abs(x - middle) < 1 || Math.abs(((y - box.top) % (height / 3)) - 0.5) < 0.8;
    if (bar) return frame;
    const sky = mix(light(0x8fb4d8), light(0x1d2b3a), ramp(0, 1, (y - box.top) / height));
    return mix(sky, light(0xffd27a), ramp(0.5, 0.8, noise.octaves(x / 12, y / 12, 3)) * 0.7);
  });
}

function door(canvas: Canvas, box: Box): void {
  canvas.paint(grown(box, 2.5), () => frame);
  canvas.paint(box, (x, y) => {
    const plank = (x - box.left) % 5;
    return dim(light(0x1f6f5c), (plank < 0.7 ? 0.45 : 1) * (0.8 + (0.3 * (box.bottom - y)) / 80));
  });
  ellipse(canvas, [box.right - 4, 306], [1.5, 1.5], () => light(0xf2cf63));
  const roll = dice(73);
  for (let stone = 0; stone < 60; stone++) {
    const down = roll();
    const at: Point = [408 + (roll() - 0.5) * (26 + 22 * down), 342 + down * 16];
    const grey = dim(light(0xb5aca0), 0.6 + 0.6 * roll());
    ellipse(canvas, at, [2 + 2 * down, 1 + down], () => grey);
  }
}

function grown({ left, right, top, bottom }: Box, by: number): Box {
  return { left: left - by, right: right + by, top: top - by, bottom: bottom + by };
}
