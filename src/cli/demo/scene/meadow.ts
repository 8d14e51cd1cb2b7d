import type { Canvas } from './canvas.js';
import { dim, light, mix } from './colour.js';
import { meadowTop } from './landscape.js';
import { dice, Noise } from './noise.js';
import { ellipse, type Point, stroke } from './shapes.js';

const young = light(0x9dbb3f);
const old = light(0x2f5a22);
const dry = light(0xc9b25a);

/** Paints the near shore: ground, thousands of blades of grass, and flowers. */
export function paintMeadow(canvas: Canvas): void {
  const noise = new Noise(51);
  const edge = (x: number) => meadowTop + 5 * Math.sin(x / 70) + 7 * noise.octaves(x / 30, 2, 3);
  canvas.paint(
    { left: 0, top: meadowTop - 6, right: 512, bottom: 512 },
    (x, y) => {
      if (y < edge(x)) return undefined;
      const near = (y - meadowTop) / 190;
      return dim(mix(old, young, noise.octaves(x / 40, y / 12, 4)), 0.9 - 0.45 * near);
    },
    4,
  );
  const roll = dice(52);
  for (let row = 0; row < 1; row += 1 / 4200) {
    const depth = row ** 1.25;
    const x = roll() * 530 - 9;
    const foot = edge(x) + 2 + depth * (520 - meadowTop);
    blade(canvas, [x, foot], 4 + 22 * depth, roll, noise);
  }
  for (let count = 0; count < 90; count++) flower(canvas, roll, edge);
}

function blade(
  canvas: Canvas,
  [x, foot]: Point,
  height: number,
  roll: () => number,
  noise: Noise,
): void {
  const tall = height * (0.6 + 0.6 * roll());
  const lean = (roll() - 0.42) * tall * 0.8;
  const width = 0.45 + height * 0.062;
  const shade = 0.45 + 0.75 * noise.at(x / 35, foot / 14) + 0.25 * roll();
  const colour = dim(mix(mix(old, young, roll()), dry, roll() ** 5), shade);
  const middle: Point = [x + lean * 0.35, foot - tall * 0.6];
  stroke(canvas, [x, foot], middle, [width, width * 0.8], (_, y) =>
    dim(colour, 0.55 + (0.45 * (foot - y)) / tall),
  );
  stroke(canvas, middle, [x + lean, foot - tall], [width * 0.8, 0.2], () => colour);
}

function flower(canvas: Canvas, roll: () => number, edge: (x: number) => number): void {
  const palette = [0xf4f1ea, 0xe5484d, 0xf2c230, 0x8e5bd0, 0xf08fc0];
  const depth = roll();
  const x = roll() * 512;
  const y = edge(x) + depth * 180 - 2;
  const radius = 0.9 + 2.3 * depth;
  const petals = light(palette[Math.floor(roll() * palette.length)]!);
  stroke(canvas, [x, y], [x + roll() * 3, y + radius * 5], [radius / 3, radius / 3], () => old);
  for (let petal = 0; petal < 5; petal++) {
    const angle = (petal / 5) * 2 * Math.PI + depth;
    const centre: Point = [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius * 0.8];
    ellipse(canvas, centre, [radius * 0.75, radius * 0.65], () => dim(petals, 0.8 + petal * 0.05));
  }
  ellipse(canvas, [x, y], [radius * 0.55, radius * 0.5], () => light(0xd99a1c));
}
