import { expect, test } from 'vitest';
import { resizeBicubic } from '../../degradation/bicubic-resize.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Photographs } from '../photographs/photographs.js';
import { madeUpByte, madeUpImage } from '../testing/images.js';
import { taskBatch } from './samples.js';
import { superResolution } from './super-resolution.js';

const height = 56;
const width = 50;
const crop = 16;
const scale = 4;
const photographs: Photographs = {
  folder: 'made up',
  count: 1,
  image: async () => ({ height, width, data: madeUpImage(0, height, width) }),
};

interface Whole {
  readonly rows: number;
  readonly columns: number;
  at(channel: number, y: number, x: number): number;
}

/** The photograph under one of its eight symmetries. */
function turned(orientation: number): Whole {
  const swapped = (orientation & 4) !== 0;
  const [rows, columns] = swapped ? [width, height] : [height, width];
  return {
    rows,
    columns,
    at: (channel, y, x) => {
      const row = orientation & 1 ? rows - 1 - y : y;
      const column = orientation & 2 ? columns - 1 - x : x;
      const [from, to] = swapped ? [column, row] : [row, column];
      return Math.fround(madeUpByte(0, channel, from, to) / 255);
    },
  };
}

function find(whole: Whole, target: Float32Array): { top: number; left: number } | undefined {
  for (let top = 0; top <= whole.rows - crop; top += 1)
    for (let left = 0; left <= whole.columns - crop; left += 1)
      if (target.every((value, i) => value === whole.at(...placeOf(i, top, left))))
        return { top, left };
  return undefined;
}

function placeOf(index: number, top: number, left: number): [number, number, number] {
  const pixel = index % crop ** 2;
  return [Math.floor(index / crop ** 2), top + Math.floor(pixel / crop), left + (pixel % crop)];
}

/** The photograph from a place on, reduced as a whole. */
function reduction(whole: Whole, top: number, left: number) {
  const [rows, columns] = [whole.rows - top, whole.columns - left];
  const data = Float32Array.from({ length: 3 * rows * columns }, (_, index) => {
    const pixel = index % (rows * columns);
    const channel = Math.floor(index / (rows * columns));
    return whole.at(channel, top + Math.floor(pixel / columns), left + (pixel % columns));
  });
  return resizeBicubic(tensor([3, rows, columns], data), { scale: 1 / scale });
}

test('the small half of a pair is the reduction of the whole photograph, in 8 bits', async () => {
  const task = superResolution({ scale, crop });
  const part = { seed: 3, step: 1, first: 0, count: 6, crop };
  const { low, target } = (await taskBatch(task, photographs, part)) as Record<string, Tensor>;
  const small = crop / scale;
  expect(low!.shape).toEqual([6, 3, small, small]);
  expect(target!.shape).toEqual([6, 3, crop, crop]);
  for (let sample = 0; sample < 6; sample += 1) {
    const part = target!.data.subarray(sample * 3 * crop ** 2, (sample + 1) * 3 * crop ** 2);
    const found = [0, 1, 2, 3, 4, 5, 6, 7]
      .map((orientation) => ({ whole: turned(orientation), at: find(turned(orientation), part) }))
      .find(({ at }) => at !== undefined)!;
    const { top, left } = found.at!;
    const whole = reduction(found.whole, top % scale, left % scale);
    const [, , columns] = whole.shape as [number, number, number];
    const plane = whole.data.length / 3;
    for (let channel = 0; channel < 3; channel += 1)
      for (let y = 0; y < small; y += 1)
        for (let x = 0; x < small; x += 1) {
          const row = Math.floor(top / scale) + y;
          const column = Math.floor(left / scale) + x;
          const exact = 255 * whole.data[channel * plane + row * columns + column]!;
          const value = 255 * low!.data[((sample * 3 + channel) * small + y) * small + x]!;
          expect(Math.abs(value - Math.round(value))).toBeLessThan(1e-4);
          const clamped = Math.min(255, Math.max(0, exact));
          expect(Math.abs(value - clamped)).toBeLessThan(0.5 + 255e-6);
        }
  }
});

test('the margin around a crop suffices: a crop reduces like the whole, before rounding', () => {
  const whole = turned(0);
  const complete = reduction(whole, 0, 0);
  const margin = 2;
  const outer = crop + 2 * margin * scale;
  const [top, left] = [12, 8];
  const around = Float32Array.from({ length: 3 * outer * outer }, (_, index) => {
    const pixel = index % outer ** 2;
    const channel = Math.floor(index / outer ** 2);
    return whole.at(channel, top + Math.floor(pixel / outer), left + (pixel % outer));
  });
  const part = resizeBicubic(tensor([3, outer, outer], around), { scale: 1 / scale });
  const [, rows, columns] = complete.shape as [number, number, number];
  const side = outer / scale;
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = margin; y < side - margin; y += 1)
      for (let x = margin; x < side - margin; x += 1) {
        const place = (channel * rows + top / scale + y) * columns + left / scale + x;
        const value = part.data[(channel * side + y) * side + x]!;
        expect(Math.abs(value - complete.data[place]!)).toBeLessThan(1e-6);
      }
});
