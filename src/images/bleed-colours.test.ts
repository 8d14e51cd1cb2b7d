import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { BLEED_REACH, bleedColours } from './bleed-colours.js';

const [height, width] = [12, 90];

/** Green under what is transparent, which is all but a red disc; alpha rises at its edge. */
function disc(): { colour: Tensor; alpha: Tensor } {
  const colour = tensor([3, height, width]);
  const alpha = tensor([1, height, width]);
  for (let place = 0; place < height * width; place += 1) {
    const away = Math.hypot(Math.floor(place / width) - 6, (place % width) - 8);
    alpha.data[place] = Math.min(1, Math.max(0, 4 - away));
    const isVisible = alpha.data[place]! > 0;
    colour.data[place] = isVisible ? 0.8 : 0;
    colour.data[height * width + place] = isVisible ? 0.1 : 1;
  }
  return { colour, alpha };
}

test('colours of what is seen are carried into what is not', () => {
  const { colour, alpha } = disc();
  const { data } = bleedColours(colour, alpha);
  const at = (y: number, x: number) =>
    [0, 1, 2].map((channel) => data[(channel * height + y) * width + x]!);
  const red = [expect.closeTo(0.8, 5), expect.closeTo(0.1, 5), 0];
  expect(at(6, 13)).toEqual(red);
  expect(at(0, 0)).toEqual(red);
  expect(at(6, 8 + 3 + BLEED_REACH)).toEqual(red);
  expect(at(6, 8 + 4 + BLEED_REACH)).toEqual([0, 1, 0]);
});

test('colours that are seen at all do not change by a bit', () => {
  const { colour, alpha } = disc();
  const noisy = tensor(
    colour.shape,
    colour.data.map((_, place) => (place * 0.618) % 1),
  );
  const { data } = bleedColours(noisy, alpha);
  for (let place = 0; place < data.length; place += 1)
    if (alpha.data[place % (height * width)]! > 0) expect(data[place]).toBe(noisy.data[place]);
});

test('what is hardly seen counts for little', () => {
  const alpha = tensor([1, 1, 3], [1, 0, 1 / 255]);
  const colour = tensor([3, 1, 3], [0.5, 0, 1, 0.5, 0, 0, 0.5, 0, 1]);
  const { data } = bleedColours(colour, alpha);
  expect([data[1], data[4], data[7]]).toEqual([0.5, 0.5, 0.5].map((v) => expect.closeTo(v, 2)));
});

test('an image without transparency, or with nothing else, is left alone', () => {
  const colour = tensor([3, 2, 2], new Float32Array(12).fill(0.3));
  expect(bleedColours(colour, tensor([1, 2, 2], [1, 0.5, 0.1, 1]))).toBe(colour);
  expect(bleedColours(colour, tensor([1, 2, 2]))).toBe(colour);
});

test('a part with the reach around it gives what the whole does', () => {
  const { colour, alpha } = disc();
  const columns = (left: number, count: number) => ({ left, top: 0, width: count, height });
  const [from, count] = [40, 10];
  const around = columns(from - BLEED_REACH, count + 2 * BLEED_REACH);
  const whole = bleedColours(colour, alpha);
  const part = bleedColours(cropped(colour, around), cropped(alpha, around));
  expect(cropped(part, columns(BLEED_REACH, count))).toEqual(cropped(whole, columns(from, count)));
});
