import { expect, test } from 'vitest';
import type { BurstFrame } from '../../degradation/burst.js';
import { normalAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { movingBurst } from '../testing/bursts.js';
import { estimateMotions } from './estimate-motion.js';
import { placeInFrame, type RigidMotion, STILL } from './rigid-motion.js';

/** The furthest that an estimate lies off in any corner, in pixels of the mosaic. */
function errorOf(motion: RigidMotion, { alignment }: BurstFrame): number {
  const [, height, width] = alignment.shape as [number, number, number];
  let worst = 0;
  for (const y of [0, height - 1])
    for (const x of [0, width - 1]) {
      const found = placeInFrame(motion, { height, width }, { x, y });
      const at = y * width + x;
      const dx = 2 * (found.x - x) - alignment.data[at]!;
      const dy = 2 * (found.y - y) - alignment.data[height * width + at]!;
      worst = Math.max(worst, Math.hypot(dx, dy));
    }
  return worst;
}

function noisy({ shape, data }: Tensor, gain: number, deviation: number, stream: number): Tensor {
  return tensor(
    shape,
    data.map((value, at) => gain * value + deviation * normalAt(3, stream, at)),
  );
}

const small = { seed: 1, frames: 4, maxTranslation: 160, maxRotation: 1.5 };
const burst = [...movingBurst(128, small)];
const raws = burst.map(({ raw }) => raw);

test.each([
  [128, burst],
  [256, [...movingBurst(256, { ...small, seed: 4, frames: 3, maxRotation: 2 })]],
])('shifts and turns of frames of %i pixels are found to 0.4 pixels', (_, frames) => {
  const estimated = estimateMotions(frames.map(({ raw }) => raw));
  expect(estimated[0]).toEqual({ motion: STILL, correlation: 1, state: 'found' });
  estimated.forEach(({ motion, state }, index) => {
    expect(state).toBe('found');
    expect(errorOf(motion, frames[index]!)).toBeLessThan(0.4);
  });
  const furthest = frames.map((frame) => errorOf(STILL, frame));
  expect(Math.max(...furthest)).toBeGreaterThan(30);
});

test('other exposures and strong noise are borne, to 1.5 pixels of the mosaic', () => {
  const frames = raws.map((raw, index) => noisy(raw, index === 0 ? 0.5 : 0.3, 0.02, index));
  const estimated = estimateMotions(frames);
  estimated.forEach(({ motion, state }, index) => {
    expect(state).toBe('found');
    expect(errorOf(motion, burst[index]!)).toBeLessThan(1.5);
  });
});

test('frames of another scene, of noise or of nothing are told apart', () => {
  const other = movingBurst(128, { ...small, seed: 7, frames: 1 }).frame(0).raw;
  const noise = noisy(other, 0, 0.1, 9);
  const flat = tensor(
    other.shape,
    other.data.map(() => 0.2),
  );
  const states = estimateMotions([raws[0]!, other, noise, flat, raws[1]!]);
  expect(states.map(({ state }) => state)).toEqual([
    'found',
    'different',
    'different',
    'different',
    'found',
  ]);
});

test('a reference without detail, small frames and broken values tell nothing', () => {
  const shape = [4, 64, 64];
  const flat = tensor(shape, new Float32Array(4 * 64 * 64).fill(0.3));
  const noise = [1, 2].map((stream) => noisy(flat, 1, 0.05, stream));
  const tiny = [0, 1].map((index) => tensor([4, 6, 8], raws[index]!.data.slice(0, 192)));
  const broken = tensor(raws[1]!.shape, raws[1]!.data.with(70, Number.NaN));
  for (const frames of [[flat, flat], noise, [flat, raws[0]!], tiny, [raws[0]!, broken]])
    expect(estimateMotions(frames)[1]).toEqual({
      motion: STILL,
      correlation: 0,
      state: 'unknown',
    });
  expect(estimateMotions([flat])).toHaveLength(1);
});

test('a frame that does not move stays where it is', () => {
  const [, same] = estimateMotions([raws[0]!, raws[0]!]);
  expect(same).toMatchObject({ motion: STILL, state: 'found' });
  expect(same!.correlation).toBeCloseTo(1, 6);
});
