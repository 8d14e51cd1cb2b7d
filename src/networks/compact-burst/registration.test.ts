import { expect, test } from 'vitest';
import { synthesiseBurst } from '../../degradation/burst.js';
import { input, reduceMean, reshape, slice } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { type Registration, register } from './registration.js';

/** Waves of many directions, none shorter than `shortest` pixels. */
function waves(height: number, width: number, shortest: number): (y: number, x: number) => number {
  const terms = Array.from({ length: 24 }, (_, at) => {
    const angle = 2 * Math.PI * uniformAt(3, 0, at);
    const length = shortest * (1 + 4 * uniformAt(3, 1, at));
    const phase = 2 * Math.PI * uniformAt(3, 2, at);
    const [across, down] = [Math.cos(angle), Math.sin(angle)];
    const turn = (2 * Math.PI) / length;
    return (y: number, x: number) => Math.sin(turn * (across * x + down * y) + phase);
  });
  return (y, x) =>
    0.5 + 0.04 * terms.reduce((sum, term) => sum + term(y - height / 2, x - width / 2), 0);
}

/** Reference and images that show the same `shift` further on, [1, 1 + shifts, side, side]. */
function shifted(side: number, shifts: readonly (readonly [number, number])[]): Tensor {
  const scene = waves(side, side, 9);
  const images = tensor([1, 1 + shifts.length, side, side]);
  for (const [index, [across, down]] of [[0, 0] as const, ...shifts].entries())
    for (let y = 0; y < side; y += 1)
      for (let x = 0; x < side; x += 1)
        images.data[(index * side + y) * side + x] = scene(y - down, x - across);
  return images;
}

async function flowOf(images: Tensor, settings: Registration): Promise<Tensor> {
  const x = input('x', images.shape);
  const flow = register(slice(x, 1, 0, 1), slice(x, 1, 1, images.shape[1]!), settings);
  return (await evaluate({ flow }, { x: images })).flow!;
}

test('shifts of twice the usual shake are found, in any direction', async () => {
  const shifts = [
    [6, 0],
    [-6, 2.25],
    [0.3, -6],
    [-1.5, 0.75],
  ] as const;
  const flow = await flowOf(shifted(48, shifts), { levels: 3, maxFlow: 8, window: 8 });
  expect(flow.shape).toEqual([4, 2, 48, 48]);
  for (const [index, shift] of shifts.entries())
    for (const axis of [0, 1])
      for (const place of [24 * 48 + 24, 12 * 48 + 30]) {
        const found = flow.data[(2 * index + axis) * 48 * 48 + place]!;
        expect(Math.abs(found - shift[axis]!)).toBeLessThan(0.12);
      }
});

test('no flow is longer than the largest', async () => {
  const flow = await flowOf(shifted(32, [[5, -5]]), { levels: 3, maxFlow: 1.5, window: 4 });
  const largest = Math.max(...flow.data.map(Math.abs));
  expect(largest).toBe(1.5);
});

test('equal images, and such as show nothing, lie where they are', async () => {
  const settings = { levels: 2, maxFlow: 4, window: 3 };
  const still = await flowOf(shifted(16, [[0, 0]]), settings);
  const flat = await flowOf(tensor([1, 2, 16, 16], new Float32Array(512).fill(0.4)), settings);
  for (const flow of [still, flat]) expect(Math.max(...flow.data.map(Math.abs))).toBeLessThan(1e-5);
});

test('the hand shake of a synthetic burst is found where the scene has something to show', async () => {
  const side = 8 * 32 + 48;
  const scene = waves(side, side, 40);
  const image = tensor(
    [3, side, side],
    Float32Array.from({ length: 3 * side * side }, (_, at) =>
      scene(Math.floor(at / side) % side, at % side),
    ),
  );
  const frames = [...synthesiseBurst(image, { seed: 8, frames: 6 })];
  const burst = tensor([6, 4, 32, 32]);
  for (const [index, { raw }] of frames.entries())
    burst.data.set(raw.data, index * raw.data.length);
  const x = input('x', burst.shape);
  const light = reshape(reduceMean(x, [1]), [1, 6, 32, 32]);
  const settings = { levels: 3, maxFlow: 8, window: 8 };
  const flow = register(slice(light, 1, 0, 1), slice(light, 1, 1, 6), settings);
  const found = (await evaluate({ flow }, { x: burst })).flow!;
  const errors = [...found.data].map((value, at) => {
    const frame = frames[1 + Math.floor(at / 2048)]!;
    return Math.abs(2 * value - frame.alignment.data[at % 2048]!);
  });
  expect(errors.sort((a, b) => a - b)[errors.length >> 1]!).toBeLessThan(0.25);
});
