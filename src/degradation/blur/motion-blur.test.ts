import { expect, test } from 'vitest';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import { ParameterError } from '../../utils/errors.js';
import { withSubject } from '../../utils/testing/errors.js';
import { linearToSrgb, srgbToLinear } from '../camera/transfer-curves.js';
import { createDegradation } from '../create-degradation.js';

const blur = (entries: object) => createDegradation({ kind: 'motion-blur', ...entries });
const shakeOnly = { rotation: 0, objects: false, round: false };

function textured(height: number, width: number): Tensor {
  return tensor(
    [3, height, width],
    Float32Array.from({ length: 3 * height * width }, (_, at) =>
      Math.fround(Math.floor(256 * uniformAt(5, 0, at)) / 255),
    ),
  );
}

const flat = (value: number) => tensor([3, 70, 90], new Float32Array(3 * 70 * 90).fill(value));

const square = (left: number, top: number, side: number) => ({
  ...{ left, top },
  ...{ width: side, height: side },
});

function largestDifference(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((worst, value, at) => Math.max(worst, Math.abs(value - b.data[at]!)), 0);
}

test.each(['srgb', 'camera', 'display'])('a flat image stays flat in %s light', (light) => {
  for (const strength of ['light', 'medium', 'strong'])
    for (const value of [0, 3 / 255, 0.2, 128 / 255, 250 / 255, 1]) {
      const image = flat(value);
      const { apply } = blur({ strength, light, objects: { count: 2, path: 12 } });
      const { data } = apply(image, { seed: 1, index: 7 });
      const byte = Math.round(255 * value) / 255;
      expect(data.every((result) => Math.abs(result - byte) < 1e-6)).toBe(true);
    }
});

test('without any movement nothing changes, with objects or without', () => {
  const image = textured(60, 80);
  for (const objects of [false, { count: 3, path: 0 }])
    for (let index = 0; index < 4; index++) {
      const still = blur({ path: 0, rotation: 0, objects });
      expect(largestDifference(still.apply(image, { seed: 2, index }), image)).toBeLessThan(1e-6);
    }
});

test('a bright point keeps its mass and its place in linear light', () => {
  const side = 121;
  const image = tensor([3, side, side]);
  const centre = 60 * side + 60;
  image.data.fill(0.2, 0, side * side);
  for (const plane of [0, 1, 2]) image.data[plane * side * side + centre] = 0.9;
  for (let index = 0; index < 20; index++) {
    const { data } = blur({ ...shakeOnly, strength: 'strong' }).apply(image, { seed: 3, index });
    for (const [plane, ground] of [
      [0, 0.2],
      [1, 0],
      [2, 0],
    ] as const) {
      let [mass, x, y] = [0, 0, 0];
      for (let at = 0; at < side * side; at++) {
        const light = srgbToLinear(data[plane * side * side + at]!) - srgbToLinear(ground);
        mass += light;
        x += light * ((at % side) - 60);
        y += light * (Math.floor(at / side) - 60);
      }
      const whole = srgbToLinear(0.9) - srgbToLinear(ground);
      expect(Math.abs(mass / whole - 1)).toBeLessThan(0.02);
      expect(Math.abs(x / whole)).toBeLessThan(0.3);
      expect(Math.abs(y / whole)).toBeLessThan(0.3);
    }
  }
});

test('half black, half white averages to half the light, not half the display value', () => {
  const image = tensor([3, 40, 40]);
  for (let at = 0; at < image.data.length; at++) image.data[at] = (at % 40) % 2;
  const horizontal = createDegradation({ kind: 'kernel-blur', kernel: [[0.5, 0.5]], round: false });
  const { data } = horizontal.apply(image, { seed: 0, index: 0 });
  expect(data[20 * 40 + 20]!).toBeCloseTo(linearToSrgb(0.5), 4);
});

test('the result depends on image, seed and index alone', () => {
  const image = textured(64, 64);
  const first = blur({ strength: 'medium' });
  const second = blur({ strength: 'medium' });
  const result = first.apply(image, { seed: 4, index: 9 });
  second.apply(textured(32, 48), { seed: 1, index: 1 });
  expect(second.apply(image, { seed: 4, index: 9 })).toEqual(result);
  expect(largestDifference(first.apply(image, { seed: 4, index: 10 }), result)).toBeGreaterThan(
    0.1,
  );
  expect(largestDifference(first.apply(image, { seed: 5, index: 9 }), result)).toBeGreaterThan(0.1);
  expect(image).toEqual(textured(64, 64));
});

test('a crop with its margin blurs as the whole does', () => {
  const image = textured(150, 160);
  for (const strength of ['light', 'medium', 'strong']) {
    const { apply, margin } = blur({ ...shakeOnly, strength });
    for (let index = 0; index < 3; index++) {
      const whole = apply(image, { seed: 6, index });
      const side = 40 + 2 * margin;
      const part = apply(cropped(image, square(25, 20, side)), { seed: 6, index });
      expect(
        largestDifference(
          cropped(part, square(margin, margin, 40)),
          cropped(whole, square(25 + margin, 20 + margin, 40)),
        ),
      ).toBeLessThan(1e-6);
    }
  }
});

test('a turn leaves the centre sharp and blurs the corners across the radius', () => {
  const side = 401;
  const image = tensor([3, side, side]);
  const dot = (y: number, x: number): void => {
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++)
        for (let plane = 0; plane < 3; plane++)
          image.data[(plane * side + y + dy) * side + x + dx] = 1;
  };
  dot(200, 200);
  dot(200, 380);
  const turning = blur({ path: 0, rotation: 5, objects: false, round: false });
  let spread = { x: 0, y: 0, centre: 0 };
  for (let index = 0; index < 8; index++) {
    const { data } = turning.apply(image, { seed: 8, index });
    const light = (y: number, x: number) => srgbToLinear(data[y * side + x]!);
    const second = (cx: number, axis: 0 | 1): number => {
      let sum = 0;
      for (let y = 170; y <= 230; y++)
        for (let x = cx - 20; x <= cx + 20; x++)
          sum += (light(y, x) / 9) * (axis === 0 ? x - cx : y - 200) ** 2;
      return sum;
    };
    spread = {
      x: spread.x + second(380, 0),
      y: spread.y + second(380, 1),
      centre: spread.centre + second(200, 0) + second(200, 1),
    };
  }
  const own = 2 / 3;
  expect(spread.centre / 8 - 2 * own).toBeLessThan(0.1);
  expect(spread.x / 8 - own).toBeLessThan(0.1);
  expect(spread.y / 8 - own).toBeGreaterThan(1);
});

test('noise of the light has variance shot * light + read', () => {
  const value = 0.6;
  const [shot, read] = [0.004, 0.0005];
  const image = tensor([3, 120, 120], new Float32Array(3 * 120 * 120).fill(value));
  const { data } = blur({ noise: { shot, read }, round: false }).apply(image, {
    seed: 1,
    index: 0,
  });
  const light = srgbToLinear(value);
  const n = data.length;
  const errors = [...data].map((result) => srgbToLinear(result) - light);
  const variance = errors.reduce((sum, error) => sum + error * error, 0) / n;
  const law = shot * light + read;
  expect(Math.abs(variance / law - 1)).toBeLessThan(4 * Math.sqrt(2 / n) + 1e-3);
  expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / n)).toBeLessThan(
    4 * Math.sqrt(law / n),
  );
});

test('strengths blur in their order', () => {
  const image = textured(96, 96);
  const variance = (strength: string): number => {
    let sum = 0;
    for (let index = 0; index < 10; index++) {
      const { data } = blur({ strength }).apply(image, { seed: 1, index });
      const mean = data.reduce((total, value) => total + value, 0) / data.length;
      sum += data.reduce((total, value) => total + (value - mean) ** 2, 0) / data.length;
    }
    return sum;
  };
  const [light, medium, strong] = ['light', 'medium', 'strong'].map(variance);
  expect(light!).toBeGreaterThan(1.3 * medium!);
  expect(medium!).toBeGreaterThan(1.3 * strong!);
});

test('other shapes and places are refused by name', () => {
  const { apply } = blur({});
  expect(() => apply(tensor([1, 8, 8]), { seed: 0, index: 0 })).toThrow(ParameterError);
  expect(() => apply(tensor([3, 0, 8]), { seed: 0, index: 0 })).toThrow(withSubject('image'));
  expect(() => apply(textured(8, 8), { seed: -1, index: 0 })).toThrow(withSubject('seed'));
});
