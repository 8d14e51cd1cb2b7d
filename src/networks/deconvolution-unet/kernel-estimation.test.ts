import { afterAll, expect, test } from 'vitest';
import { input } from '../../graph/index.js';
import { compile } from '../../graph/testing/evaluate.js';
import { at, filled } from '../../graph/testing/tensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { blurredBy, rectangles } from '../testing/scenes.js';
import { estimateKernels, kernelsPerImage } from './kernel-estimation.js';

const size = 25;
const side = 128;

/** A camera that moves evenly by nine pixels. */
const path = filled([1, size, size], (_, i, j) => (i === 12 && j! >= 8 && j! <= 16 ? 1 / 9 : 0));
const middle = filled([1, size, size], (_, i, j) => (i === 12 && j === 12 ? 1 : 0));

const scene = rectangles(side, side, 3);
const search = (batch: number) =>
  compile({ kernels: estimateKernels(input('images', [batch, side, side]), size) });
const [single, double] = [await search(1), await search(2)];
afterAll(() => Promise.all([single.release(), double.release()]));

async function estimates(images: Tensor): Promise<Tensor> {
  const { kernels } = await (images.shape[0] === 1 ? single : double).run({ images });
  return kernels!;
}

/** How far two kernels are apart, relative to the second, where they fit each other best. */
function distance(kernels: Tensor, index: number, truth: Tensor): number {
  let [best, whole] = [Number.POSITIVE_INFINITY, 0];
  for (const value of truth.data) whole += value * value;
  for (let down = -2; down <= 2; down++)
    for (let across = -2; across <= 2; across++) {
      let sum = 0;
      for (let i = 2; i < size - 2; i++)
        for (let j = 2; j < size - 2; j++)
          sum += (at(kernels, index, i, j) - at(truth, 0, i + down, j + across)) ** 2;
      best = Math.min(best, sum);
    }
  return Math.sqrt(best / whole);
}

test('the path of the camera is found in a blurred image', async () => {
  const found = await estimates(blurredBy(scene, path));
  expect(found.shape).toEqual([kernelsPerImage, size, size]);
  const errors = Array.from({ length: kernelsPerImage }, (_, index) =>
    distance(found, index, path),
  );
  const noIdea = distance(middle, 0, path);
  expect(noIdea).toBeGreaterThan(1);
  expect(Math.min(...errors)).toBeLessThan(0.3);
});

test('kernels are light that adds up to 1, about the middle', async () => {
  const found = await estimates(blurredBy(scene, path));
  for (let index = 0; index < kernelsPerImage; index++) {
    let [sum, down, across] = [0, 0, 0];
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const light = at(found, index, i, j);
        expect(light).toBeGreaterThanOrEqual(0);
        sum += light;
        down += light * (i - 12);
        across += light * (j - 12);
      }
    expect(sum).toBeCloseTo(1, 3);
    expect(Math.hypot(down, across)).toBeLessThan(0.2);
  }
});

test('an image without any detail gives a kernel all the same', async () => {
  const found = await estimates(filled([1, side, side], () => 0.3));
  for (const value of found.data) expect(Number.isFinite(value)).toBe(true);
});

test('images of a batch are looked at one by one', async () => {
  const blurred = blurredBy(scene, path);
  const both = tensor([2, side, side], [...scene.data, ...blurred.data]);
  const together = await estimates(both);
  const alone = await estimates(blurred);
  const pixels = kernelsPerImage * size * size;
  for (let i = 0; i < pixels; i++) expect(together.data[pixels + i]).toBeCloseTo(alone.data[i]!, 3);
});
