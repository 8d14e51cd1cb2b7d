import type { Canvas, Shader } from './canvas.js';

export type Point = readonly [number, number];

/** Paints a straight stroke with round ends whose width goes from `widths[0]` to `widths[1]`. */
export function stroke(
  canvas: Canvas,
  from: Point,
  to: Point,
  widths: readonly [number, number],
  shader: Shader,
): void {
  const reach = Math.max(...widths) / 2;
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const square = dx * dx + dy * dy || 1;
  const box = {
    left: Math.min(from[0], to[0]) - reach,
    right: Math.max(from[0], to[0]) + reach,
    top: Math.min(from[1], to[1]) - reach,
    bottom: Math.max(from[1], to[1]) + reach,
  };
  canvas.paint(box, (x, y) => {
    const along = ((x - from[0]) * dx + (y - from[1]) * dy) / square;
    const share = Math.min(1, Math.max(0, along));
    const radius = (widths[0] + (widths[1] - widths[0]) * share) / 2;
    const distance = (x - from[0] - share * dx) ** 2 + (y - from[1] - share * dy) ** 2;
    return distance <= radius * radius ? shader(x, y) : undefined;
  });
}

/** Paints the inside of a polygon (even-odd rule). */
export function polygon(canvas: Canvas, points: readonly Point[], shader: Shader): void {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const box = {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
  canvas.paint(box, (x, y) => (isInside(points, x, y) ? shader(x, y) : undefined));
}

/** Paints an ellipse with half axes `radii`. */
export function ellipse(
  canvas: Canvas,
  [centreX, centreY]: Point,
  [radiusX, radiusY]: Point,
  shader: Shader,
): void {
  const box = {
    left: centreX - radiusX,
    right: centreX + radiusX,
    top: centreY - radiusY,
    bottom: centreY + radiusY,
  };
  canvas.paint(box, (x, y) =>
    ((x - centreX) / radiusX) ** 2 + ((y - centreY) / radiusY) ** 2 <= 1 ? shader(x, y) : undefined,
  );
}

function isInside(points: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  points.forEach(([endX, endY], index) => {
    const [startX, startY] = points.at(index - 1)!;
    if (startY > y === endY > y) return;
    if (x < startX + ((y - startY) / (endY - startY)) * (endX - startX)) inside = !inside;
  });
  return inside;
}
