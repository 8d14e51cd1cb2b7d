import type { Canvas } from './canvas.js';
import { dim, light, mix, ramp } from './colour.js';
import { Noise } from './noise.js';
import { ellipse, type Point, polygon } from './shapes.js';

const red = light(0xb3202f);
const white = light(0xf5efe2);
const pitch = 2.6;

/** Paints a checked woven cloth on the grass, with a plate of ever finer rings on it. */
export function paintCloth(canvas: Canvas): void {
  const noise = new Noise(91);
  const outline: readonly Point[] = [
    [302, 398],
    [520, 384],
    [520, 520],
    [276, 520],
  ];
  polygon(
    canvas,
    outline.map(([x, y]): Point => [x - 4, y + 4]),
    (x, y) => dim(canvas.at(x, y), 0.35),
  );
  polygon(canvas, outline, (x, y) => {
    const u = x + 0.2 * (y - 400) + 3 * noise.at(x / 60, y / 60);
    const v = y + 0.065 * x + 6 * noise.octaves(x / 70, y / 70, 2);
    return dim(thread(u, v), 0.62 + 0.5 * noise.octaves(x / 34, y / 60 + x / 90, 3));
  });
  plate(canvas, [428, 452], [66, 50]);
}

/** Plain weave: warp and weft take turns on top, each rounded and dark where it dives. */
function thread(u: number, v: number) {
  const [column, row] = [Math.floor(u / pitch), Math.floor(v / pitch)];
  const warpOnTop = (((column + row) % 2) + 2) % 2 === 0;
  const index = warpOnTop ? column : row;
  const across = (warpOnTop ? u : v) / pitch - index - 0.5;
  const lengthwise = (warpOnTop ? v / pitch - row : u / pitch - column) - 0.5;
  const dyed = ((Math.floor(index / 9) % 2) + 2) % 2 === 0;
  return dim(dyed ? red : white, 1.05 - 1.3 * across ** 2 - 0.9 * lengthwise ** 2);
}

/** A plate whose glaze is a zone plate: rings whose spacing shrinks from the centre outwards. */
function plate(canvas: Canvas, [x, y]: Point, radii: Point): void {
  ellipse(canvas, [x - 3, y + 5], radii, (px, py) => dim(canvas.at(px, py), 0.45));
  ellipse(canvas, [x, y], radii, (px, py) => {
    const square = ((px - x) / radii[0]) ** 2 + ((py - y) / radii[1]) ** 2;
    const gloss = 0.85 + 0.2 * ramp(60, -60, px - x + py - y);
    if (square > 0.85) return dim(light(0xf7f4ec), gloss * (square > 0.95 ? 0.8 : 1));
    const ring = 0.5 + 0.5 * Math.cos(square * 38);
    return dim(mix(light(0x1d4e89), light(0xf7f4ec), ring), gloss);
  });
}
