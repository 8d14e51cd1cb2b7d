import { expect, test } from 'vitest';
import { uniformAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { InputError, ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { type BurstSettings, drawShake, synthesiseBurst } from './burst.js';

function image(height: number, width: number): Tensor {
  return tensor(
    [3, height, width],
    Float32Array.from({ length: 3 * height * width }, (_, at) => 0.1 + 0.8 * uniformAt(9, 0, at)),
  );
}

const small: BurstSettings = { seed: 3, frames: 4, border: 12, maxTranslation: 8 };

/** Bilinear value of one plane at a place inside it. */
function valueAt({ shape, data }: Tensor, plane: number, y: number, x: number): number {
  const [, height = 0, width = 0] = shape;
  const top = Math.min(Math.floor(y), height - 2);
  const left = Math.min(Math.floor(x), width - 2);
  const at = (row: number, column: number) => data[(plane * height + row) * width + column]!;
  const upper = at(top, left) + (at(top, left + 1) - at(top, left)) * (x - left);
  const lower = at(top + 1, left) + (at(top + 1, left + 1) - at(top + 1, left)) * (x - left);
  return upper + (lower - upper) * (y - top);
}

// Plane, colour, row and column of the RGGB cell.
const cells = [
  [0, 0, 0, 0],
  [1, 1, 0, 1],
  [2, 1, 1, 0],
  [3, 2, 1, 1],
] as const;

test('the first frame shows every fourth pixel of the truth and has no flow', () => {
  const burst = synthesiseBurst(image(104, 136), { ...small, noise: false });
  const truth = burst.truth();
  const { raw, flow, shake } = burst.frame(0);
  expect(truth.shape).toEqual([3, 80, 112]);
  expect(raw.shape).toEqual([4, 10, 14]);
  expect(flow.shape).toEqual([2, 20, 28]);
  expect(shake).toEqual({ x: 1.5, y: 1.5, rotation: 0 });
  expect(flow.data.every((value) => value === 0)).toBe(true);
  for (const [plane, colour, top, left] of cells)
    for (let y = 0; y < 10; y++)
      for (let x = 0; x < 14; x++)
        expect(raw.data[(plane * 10 + y) * 14 + x]).toBe(
          truth.data[(colour * 80 + 4 * (2 * y + top)) * 112 + 4 * (2 * x + left)],
        );
});

test('the flow says where in the truth every pixel of every frame came from', () => {
  for (const reduction of [2, 4]) {
    const settings = { ...small, reduction, maxRotation: 5, noise: false };
    const burst = synthesiseBurst(image(104, 136), settings);
    const truth = burst.truth();
    const [, height = 0, width = 0] = truth.shape;
    let checked = 0;
    for (const { raw, flow } of burst) {
      const [, rows = 0, columns = 0] = raw.shape;
      for (const [plane, colour, top, left] of cells)
        for (let y = top; y < 2 * rows; y += 2)
          for (let x = left; x < 2 * columns; x += 2) {
            const place = y * 2 * columns + x;
            const trueX = reduction * (x + flow.data[place]!);
            const trueY = reduction * (y + flow.data[4 * rows * columns + place]!);
            if (trueX < 0 || trueX > width - 1 || trueY < 0 || trueY > height - 1) continue;
            checked += 1;
            const seen = raw.data[(plane * rows + (y >> 1)) * columns + (x >> 1)]!;
            expect(Math.abs(seen - valueAt(truth, colour, trueY, trueX))).toBeLessThan(1e-4);
          }
    }
    expect(checked).toBeGreaterThan(1000);
  }
});

test('each frame read at its alignment is the first frame', () => {
  const smooth = tensor(
    [3, 168, 200],
    Float32Array.from({ length: 3 * 168 * 200 }, (_, at) => {
      const x = at % 200;
      const y = Math.floor(at / 200) % 168;
      return 0.5 + 0.2 * Math.sin(x / 50) * Math.cos(y / 45) + 0.001 * x;
    }),
  );
  const settings = { seed: 5, frames: 5, border: 0, maxTranslation: 20, maxRotation: 3 };
  const burst = synthesiseBurst(smooth, { ...settings, noise: false });
  const first = burst.frame(0);
  expect(first.alignment.data.every((value) => Math.abs(value) < 1e-5)).toBe(true);
  const [, rows = 0, columns = 0] = first.raw.shape;
  let checked = 0;
  for (const { raw, alignment } of [...burst].slice(1)) {
    expect(alignment.shape).toEqual([2, rows, columns]);
    // Next to the border bilinear sampling mixes in the outside, which is 0.
    for (let y = 2; y < rows - 2; y++)
      for (let x = 2; x < columns - 2; x++) {
        const at = y * columns + x;
        const placeX = x + alignment.data[at]! / 2;
        const placeY = y + alignment.data[rows * columns + at]! / 2;
        if (placeX < 1 || placeX > columns - 2 || placeY < 1 || placeY > rows - 2) continue;
        for (let plane = 0; plane < 4; plane++) {
          checked += 1;
          const seen = valueAt(raw, plane, placeY, placeX);
          expect(Math.abs(seen - first.raw.data[plane * rows * columns + at]!)).toBeLessThan(
            0.0015,
          );
        }
      }
  }
  expect(checked).toBeGreaterThan(1000);
});

test('for small turns the alignment is nearly the opposite of the flow', () => {
  const burst = synthesiseBurst(image(200, 240), { seed: 2, maxRotation: 0.2 });
  for (const { flow, alignment } of [...burst].slice(1)) {
    const [, rows = 0, columns = 0] = alignment.shape;
    const sums = Array.from({ length: 2 * rows * columns }, (_, at) => {
      const axis = Math.floor(at / (rows * columns));
      const y = 2 * (Math.floor(at / columns) % rows);
      const x = 2 * (at % columns);
      return alignment.data[at]! + flow.data[(axis * 2 * rows + y) * 2 * columns + x]!;
    });
    expect(Math.abs(sums.sort((a, b) => a - b)[sums.length >> 1]!)).toBeLessThan(0.03);
  }
});

test('without turns the flow is the shift against the first frame, in pixels of the frame', () => {
  const burst = synthesiseBurst(image(80, 80), { ...small, maxRotation: 0 });
  for (let index = 1; index < burst.length; index++) {
    const { flow, shake } = burst.frame(index);
    const area = flow.data.length / 2;
    for (const at of [0, area - 1]) {
      expect(flow.data[at]).toBeCloseTo((1.5 - shake.x) / 4, 5);
      expect(flow.data[area + at]).toBeCloseTo((1.5 - shake.y) / 4, 5);
    }
  }
});

test('a camera held still has equal frames but for the noise', () => {
  const still = { ...small, maxTranslation: 0, maxRotation: 0 };
  const clean = [...synthesiseBurst(image(80, 80), { ...still, noise: false })];
  for (const { raw } of clean) expect(raw).toEqual(clean[0]!.raw);
  const noisy = [...synthesiseBurst(image(80, 80), still)];
  expect(noisy[1]!.raw).not.toEqual(noisy[0]!.raw);
});

test('a burst is a function of image, seed and settings, in whatever order frames are made', () => {
  const make = (seed: number) => synthesiseBurst(image(80, 80), { ...small, seed });
  const inOrder = [...make(3)];
  const burst = make(3);
  for (const index of [3, 1, 0, 2]) expect(burst.frame(index)).toEqual(inOrder[index]);
  expect([...make(4)][1]!.raw).not.toEqual(inOrder[1]!.raw);
  const longer = synthesiseBurst(image(80, 80), { ...small, frames: 6 });
  expect(longer.frame(2)).toEqual(inOrder[2]);
});

test('the noise of frames has the variance that the levels state', () => {
  const still = { ...small, maxTranslation: 0, maxRotation: 0, border: 0, reduction: 1 };
  const flat = tensor([3, 96, 96], new Float32Array(3 * 96 * 96).fill(0.75));
  const clean = synthesiseBurst(flat, { ...still, noise: false }).frame(0).raw.data;
  const burst = synthesiseBurst(flat, still);
  const pixels = 48 * 48;
  for (const { raw } of burst)
    for (let plane = 0; plane < 4; plane++) {
      const signal = clean[plane * pixels]!;
      let sum = 0;
      for (let at = plane * pixels; at < (plane + 1) * pixels; at++)
        sum += (raw.data[at]! - signal) ** 2;
      const law = burst.noise.shot * signal + burst.noise.read;
      expect(Math.abs(sum / pixels / law - 1)).toBeLessThan(4.5 * Math.sqrt(2 / pixels));
    }
});

test('shifts and turns are uniform up to their bounds', () => {
  const n = 10_000;
  const shakes = Array.from({ length: n }, (_, at) =>
    drawShake({ seed: Math.floor(at / 10) }, 1 + (at % 10)),
  );
  for (const [axis, bound] of [
    ['x', 24],
    ['y', 24],
    ['rotation', 1],
  ] as const) {
    const values = shakes.map((shake) => shake[axis]);
    expect(values.every((value) => value >= -bound && value < bound)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const square = values.reduce((sum, value) => sum + value ** 2, 0) / n;
    expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * n));
    expect(Math.abs(square / (bound ** 2 / 3) - 1)).toBeLessThan(4 * Math.sqrt(0.8 / n));
  }
  const product = shakes.reduce((sum, { x, y }) => sum + x * y, 0) / n;
  expect(Math.abs(product)).toBeLessThan((4 * 24 ** 2) / 3 / Math.sqrt(n));
});

test('images and settings that make no burst are refused', () => {
  expect(() => synthesiseBurst(image(55, 80), { seed: 0 })).toThrow(InputError);
  expect(synthesiseBurst(image(56, 56), { seed: 0 }).frame(0).raw.shape).toEqual([4, 1, 1]);
  expect(() => synthesiseBurst(tensor([1, 80, 80]), { seed: 0 })).toThrow(ParameterError);
  for (const wrong of [{ frames: 0 }, { reduction: 1.5 }, { border: -1 }, { maxRotation: -1 }])
    expect(() => synthesiseBurst(image(80, 80), { ...small, ...wrong })).toThrow(
      new RegExp(Object.keys(wrong)[0]!),
    );
  expect(() => synthesiseBurst(image(80, 80), small).frame(4)).toThrow(withSubject('index'));
});
