import type { Canvas } from './canvas.js';
import { dim, light, mix } from './colour.js';
import { dice, Noise } from './noise.js';
import { type Point, stroke } from './shapes.js';

interface Branch {
  readonly from: Point;
  readonly angle: number;
  readonly length: number;
  readonly width: number;
}

const bark = light(0x4b3a2b);
const barkLight = light(0x9a8265);

/** Paints a tree that forks by chance, with a leaf for every twig's length. */
export function paintTree(canvas: Canvas, foot: Point, height: number): void {
  const roll = dice(61);
  const noise = new Noise(62);
  const leaves: Point[] = [];
  const grow = ({ from, angle, length, width }: Branch, generation: number): void => {
    const bend = angle + (roll() - 0.5) * 0.25;
    const to: Point = [from[0] + Math.sin(bend) * length, from[1] - Math.cos(bend) * length];
    const axis = (y: number) =>
      from[0] + (Math.min(length, from[1] - y) * Math.sin(bend)) / Math.max(0.5, Math.cos(bend));
    stroke(canvas, from, to, [width, width * 0.72], (x, y) => {
      const grain = noise.octaves(x / 1.8, y / 9, 3);
      const lit = Math.min(1, Math.max(0, 0.5 + (axis(y) - x) / width));
      return dim(mix(bark, barkLight, grain * 1.3 - 0.2), 0.4 + 0.8 * lit);
    });
    if (generation >= 4)
      for (let share = 0.2; share <= 1; share += 0.2) leaves.push(along(from, to, share));
    if (generation === 7) return;
    const forks = roll() < 0.3 ? 3 : 2;
    for (let fork = 0; fork < forks; fork++) {
      const spread = (fork - (forks - 1) / 2) * (0.75 + 0.35 * roll()) + (roll() - 0.5) * 0.35;
      const shrink = 0.7 + 0.16 * roll();
      grow(
        { from: to, angle: bend * 0.9 + spread, length: length * shrink, width: width * 0.66 },
        generation + 1,
      );
    }
  };
  grow({ from: foot, angle: 0.06, length: height * 0.27, width: height * 0.075 }, 0);
  leaves.sort((a, b) => b[1] - a[1]);
  for (const place of leaves) leaf(canvas, place, roll, noise);
}

/** A pointed leaf with a pale vein, brighter towards the top of the crown. */
function leaf(canvas: Canvas, [x, y]: Point, roll: () => number, noise: Noise): void {
  const angle = roll() * 2 * Math.PI;
  const length = 4.2 + 3 * roll();
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const colour = mix(
    mix(
      light(0x2c5a1e),
      light(0x8fae35),
      noise.octaves(x / 26, y / 26, 3) * 1.8 - 0.5 + 0.3 * roll(),
    ),
    light(0xd8872c),
    0.8 * roll() ** 14,
  );
  const shade = 0.5 + 0.75 * roll();
  canvas.paint(
    { left: x - length, right: x + length, top: y - length, bottom: y + length },
    (px, py) => {
      const along = ((px - x) * dx + (py - y) * dy) / length;
      const across = ((py - y) * dx - (px - x) * dy) / length;
      const half = 0.36 * (1 - along * along);
      if (Math.abs(along) > 1 || Math.abs(across) > half) return undefined;
      if (Math.abs(across) < 0.045) return dim(mix(colour, [1, 1, 0.8], 0.3), shade);
      return dim(colour, shade * (across > 0 ? 0.82 : 1.12));
    },
  );
}

function along(from: Point, to: Point, share: number): Point {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}
