import type { Canvas } from './canvas.js';
import { dim, light, mix } from './colour.js';
import { ellipse, type Point, stroke } from './shapes.js';

const stripes = [0xd7263d, 0xf9c80e, 0x1b998b, 0xf4f1de, 0x2e4fa3, 0xf46036].map(light);

/** Paints a striped hot-air balloon: sharp coloured edges on a smoothly shaded body. */
export function paintBalloon(canvas: Canvas, [x, y]: Point, radius: number): void {
  const basket: Point = [x, y + radius * 1.95];
  for (const side of [-0.42, -0.15, 0.15, 0.42])
    stroke(
      canvas,
      [x + side * radius, y + radius * 0.95],
      [x + side * radius * 0.42, basket[1] - radius * 0.1],
      [0.7, 0.7],
      () => light(0x4a3b2a),
    );
  const outline = (below: number) => {
    const t = below / radius;
    if (t < 0.3) return Math.sqrt(Math.max(0, 1 - t * t));
    return Math.max(0, 0.954 - 0.55 * (t - 0.3) ** 1.25 - 0.25 * (t - 0.3));
  };
  canvas.paint(
    { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius * 1.32 },
    (px, py) => {
      const half = radius * outline(py - y);
      const across = (px - x) / half;
      if (Math.abs(across) > 1) return undefined;
      const gore = Math.floor(((Math.asin(across) / Math.PI + 0.5) * 12) % 12);
      const band = Math.abs((py - y) / radius - 0.08);
      const zigzag = 0.12 + 0.07 * Math.abs(((across * 6 + 60) % 1) - 0.5);
      const cloth = band < zigzag ? stripes[(gore + 3) % 6]! : stripes[gore % 6]!;
      const shade = 0.42 + 0.62 * Math.max(0, 0.75 * Math.sqrt(1 - across ** 2) - 0.45 * across);
      const highlight =
        0.35 * Math.exp(-(((across + 0.45) / 0.22) ** 2) - ((py - y + radius / 2) / 18) ** 2);
      return mix(dim(cloth, shade), [1, 1, 1], highlight);
    },
  );
  const [width, height] = [radius * 0.22, radius * 0.28];
  canvas.paint(
    {
      left: x - width,
      right: x + width,
      top: basket[1] - height / 2,
      bottom: basket[1] + height / 2,
    },
    (px, py) => {
      const weave = (Math.floor(px / 1.6) + Math.floor(py / 1.6)) % 2 === 0;
      return dim(light(weave ? 0x9a6a3a : 0x5e3c1e), px < x ? 1.2 : 0.8);
    },
  );
  ellipse(canvas, [x, basket[1] - height / 2], [width * 1.08, 1.4], () => light(0x3a2514));
}
