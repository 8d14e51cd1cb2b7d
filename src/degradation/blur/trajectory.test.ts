import { expect, test } from 'vitest';
import { degradationSchema, type MotionBlurSettings } from '../settings.js';
import { kernelOf } from './convolve.js';
import { drawExposure } from './motion-blur.js';
import {
  blurLaw,
  blurStrengths,
  drawObjectTrajectory,
  drawShakeTrajectory,
  wayLength,
} from './trajectory.js';

const settingsOf = (entries: object): MotionBlurSettings =>
  degradationSchema.parse({ kind: 'motion-blur', ...entries }) as MotionBlurSettings;

test.each(['light', 'medium', 'strong'] as const)(
  'ways of %s blur are uniform in their range',
  (strength) => {
    const settings = settingsOf({ strength });
    const law = { ...settings, ...blurLaw(settings) };
    const { minimum, maximum } = blurStrengths[strength].path;
    const n = 600;
    const lengths = Array.from({ length: n }, (_, seed) => {
      const { x, y } = drawShakeTrajectory(law, seed);
      return wayLength(x, y);
    }).sort((a, b) => a - b);
    // Kolmogorov-Smirnov: exceeded by chance once in a thousand.
    const distance = Math.max(
      ...lengths.map((length, at) =>
        Math.abs((length - minimum) / (maximum - minimum) - (at + 0.5) / n),
      ),
    );
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
  },
);

test('medium ways are those of hand-held video of 720 lines, 10 to 25 pixels on average', () => {
  const { minimum, maximum } = blurStrengths.medium.path;
  expect((minimum + maximum) / 2).toBeGreaterThan(10);
  expect((minimum + maximum) / 2).toBeLessThan(25);
});

test('a velocity that lasts gives straight ways, one that does not gives wriggling ones', () => {
  const straightness = (inertia: number): number => {
    const { path, rotation } = blurStrengths.medium;
    const law = {
      path,
      rotation,
      inertia: { minimum: inertia, maximum: inertia },
      impulses: 0,
      pull: 0,
    };
    let sum = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { x, y } = drawShakeTrajectory(law, seed);
      sum += Math.hypot(x.at(-1)! - x[0]!, y.at(-1)! - y[0]!) / wayLength(x, y);
    }
    return sum / 100;
  };
  expect(straightness(10)).toBeGreaterThan(0.9);
  expect(straightness(0.02)).toBeLessThan(0.4);
});

test('jerks come as often as asked for', () => {
  const { path } = blurStrengths.medium;
  const law = { path, rotation: 0, inertia: { minimum: 50, maximum: 50 }, impulses: 3, pull: 0 };
  let jerks = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { x, y } = drawShakeTrajectory(law, seed);
    const typical = wayLength(x, y) / x.length;
    for (let at = 2; at < x.length; at++) {
      const change = Math.hypot(
        x[at]! - 2 * x[at - 1]! + x[at - 2]!,
        y[at]! - 2 * y[at - 1]! + y[at - 2]!,
      );
      if (change > typical * 0.6) jerks++;
    }
  }
  expect(jerks / 200).toBeGreaterThan(2.2);
  expect(jerks / 200).toBeLessThan(3.4);
});

test('every direction is as likely as another', () => {
  const n = 400;
  const products = { xx: 0, yy: 0, xy: 0 };
  for (let seed = 0; seed < n; seed++) {
    const { x, y } = drawObjectTrajectory({ minimum: 10, maximum: 10 }, seed, 0);
    const [dx, dy] = [x.at(-1)! - x[0]!, y.at(-1)! - y[0]!];
    const square = dx * dx + dy * dy;
    products.xx += dx ** 2 / square / n;
    products.yy += dy ** 2 / square / n;
    products.xy += (dx * dy) / square / n;
  }
  const error = 4 * Math.sqrt(0.125 / n);
  expect(Math.abs(products.xx - 0.5)).toBeLessThan(error);
  expect(Math.abs(products.yy - 0.5)).toBeLessThan(error);
  expect(Math.abs(products.xy)).toBeLessThan(error);
});

test('exposures weigh 1, are centred, stay within reach and keep most of their way', () => {
  for (const strength of ['light', 'medium', 'strong'] as const) {
    const settings = settingsOf({ strength });
    const { path, objects } = blurStrengths[strength];
    let shrunk = 0;
    for (let seed = 0; seed < 200; seed++) {
      const exposure = drawExposure(settings, seed, 720, 1280);
      const { weights, x, y, angle } = exposure;
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      for (const way of [{ x, y }, { x: angle, y: angle }, ...exposure.objects])
        for (const track of [way.x, way.y])
          expect(track.reduce((sum, value, at) => sum + weights[at]! * value, 0)).toBeCloseTo(
            0,
            10,
          );
      const farthest = Math.max(...x.map(Math.abs), ...y.map(Math.abs));
      expect(farthest).toBeLessThan(0.6 * path.maximum + 1e-9);
      if (farthest > 0.6 * path.maximum - 1e-9) shrunk++;
      for (const way of exposure.objects)
        expect(Math.max(...way.x.map(Math.abs), ...way.y.map(Math.abs))).toBeLessThan(
          0.6 * (objects as { path: { maximum: number } }).path.maximum + 1e-9,
        );
    }
    expect(shrunk).toBeLessThan(10);
  }
});

test('kernels keep sum and centre of mass and have no gaps along a steady movement', () => {
  const settings = settingsOf({ strength: 'strong', objects: false, rotation: 0 });
  for (let seed = 0; seed < 50; seed++) {
    const exposure = drawExposure(settings, seed, 100, 100);
    const { x, y, weights } = kernelOf(exposure, exposure.weights);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(weights.reduce((sum, weight, tap) => sum + weight * x[tap]!, 0)).toBeCloseTo(0, 10);
    expect(weights.reduce((sum, weight, tap) => sum + weight * y[tap]!, 0)).toBeCloseTo(0, 10);
    expect(weights.every((weight) => weight > 0)).toBe(true);
  }
  const count = 21;
  const steady = Float64Array.from({ length: count }, (_, at) => at - 10.3);
  const even = kernelOf(
    { x: steady, y: new Float64Array(count) },
    new Float64Array(count).fill(1 / count),
  );
  const inner = [...even.weights].slice(1, -1);
  for (const weight of inner) expect(weight).toBeCloseTo(1 / count, 12);
});
