import type { Canvas } from './canvas.js';
import { dim, type Light, light, mix, ramp } from './colour.js';
import { dice, Noise } from './noise.js';
import { polygon } from './shapes.js';

/** Where the far shore meets the water. */
export const shoreline = 262;
/** The upper edge of the meadow. */
export const meadowTop = 318;

const zenith = light(0x2f6fb5);
const horizon = light(0xf8dcb4);
const cloud = light(0xfdf6ee);
const cloudShade = light(0x9fb0c8);
const sun: Light = [1.1, 0.85, 0.5];

/** Paints a sky with clouds and a low sun, down to the far shore. */
export function paintSky(canvas: Canvas): void {
  const noise = new Noise(11);
  canvas.paint(
    { left: 0, top: 0, right: 512, bottom: shoreline + 2 },
    (x, y) => {
      const clear = mix(zenith, horizon, (Math.min(y, shoreline) / shoreline) ** 1.3);
      const glow = Math.exp(-Math.hypot(x - 238, y - 205) / 55);
      const lit: Light = [
        clear[0] + sun[0] * glow * 0.8,
        clear[1] + sun[1] * glow * 0.8,
        clear[2] + sun[2] * glow * 0.6,
      ];
      const density = noise.octaves(x / 95 + 3, y / 34, 5);
      const above = noise.octaves(x / 95 + 3, (y - 9) / 34, 3);
      const cover = ramp(0.5, 0.7, density) * ramp(250, 150, y);
      return mix(lit, mix(cloud, cloudShade, (above - 0.42) * 2.2), cover * 0.92);
    },
    4,
  );
}

/** Paints three ranges of mountains, the farther the hazier, the farthest with snow. */
export function paintMountains(canvas: Canvas): void {
  const haze = light(0xc9cfd9);
  const ranges = [
    { base: 196, rise: 105, width: 88, seed: 21, rock: light(0x66738c), far: 0.5, snow: true },
    { base: 226, rise: 62, width: 62, seed: 22, rock: light(0x4a6070), far: 0.3, snow: false },
    { base: 250, rise: 40, width: 48, seed: 23, rock: light(0x3d5a44), far: 0.12, snow: false },
  ];
  for (const { base, rise, width, seed, rock, far, snow } of ranges) {
    const noise = new Noise(seed);
    const ridge = (x: number) =>
      base + rise * (0.42 - noise.octaves(x / width, 1.5, 6)) - 8 * noise.at(x / 9, 7);
    canvas.paint(
      { left: 0, top: 90, right: 512, bottom: shoreline },
      (x, y) => {
        const top = ridge(x);
        if (y < top) return undefined;
        const slope = noise.octaves(x / 22 + y / 40, y / 26 - x / 70, 5);
        const side = noise.octaves(x / 22 + y / 40 + 0.12, y / 26 - x / 70, 5);
        const relief = 1 + (side - slope) * 14;
        const bare = dim(rock, Math.max(0.35, relief));
        const isSnow = snow && y - top < 26 * ramp(0.3, 0.75, slope) + (182 - y) * 0.6;
        const ground = isSnow ? dim(cloud, 0.72 + 0.25 * Math.min(1.1, relief)) : bare;
        return mix(ground, haze, far + 0.25 * ramp(top, base + 40, y));
      },
      2,
    );
  }
}

/** Paints a belt of firs on the far shore. */
export function paintFirs(canvas: Canvas): void {
  const roll = dice(31);
  for (let count = 0; count < 150; count++) {
    const x = roll() * 520 - 4;
    const height = 9 + 15 * roll();
    const foot = shoreline + 1.5 * roll();
    const green = dim(mix(light(0x1d3a26), light(0x4b6b35), roll()), 0.6 + 0.6 * roll());
    for (let tier = 0; tier < 4; tier++) {
      const top = foot - height * (1 - tier * 0.2);
      const bottom = foot - height * (0.68 - tier * 0.22);
      const reach = height * (0.1 + 0.055 * tier);
      polygon(
        canvas,
        [
          [x, top],
          [x - reach, bottom],
          [x + reach, bottom],
        ],
        (px) => dim(green, px > x ? 0.75 : 1.25),
      );
    }
  }
}

/** Paints a lake that mirrors what is above its shore. */
export function paintLake(canvas: Canvas): void {
  const noise = new Noise(41);
  const deep = light(0x24506a);
  canvas.paint(
    { left: 0, top: shoreline, right: 512, bottom: meadowTop + 34 },
    (x, y) => {
      const near = (y - shoreline) / 60;
      const wave =
        noise.octaves(x / (10 + 34 * near), (y - shoreline) / (0.7 + 2.6 * near), 3) - 0.5;
      const mirrored = canvas.at(x + wave * 9 * near, 2 * shoreline - y + wave * (4 + 50 * near));
      const water = mix(dim(mirrored, 0.86), deep, 0.16 + 0.4 * near);
      const glitter = ramp(0.22, 0.34, wave) * Math.exp(-(((x - 238) / (26 + 50 * near)) ** 2));
      return mix(water, [1, 0.9, 0.7], glitter * 0.85);
    },
    2,
  );
}
