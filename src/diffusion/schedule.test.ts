import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { createSchedule } from './schedule.js';

test('the linear schedule runs from 1e-4 to 2e-2 with t from 1', () => {
  const schedule = createSchedule();
  expect(schedule.steps).toBe(1000);
  expect(schedule.beta[1]).toBe(1e-4);
  expect(schedule.beta[1000]).toBeCloseTo(2e-2, 15);
  expect(schedule.beta[2]! - schedule.beta[1]!).toBeCloseTo(0.0199 / 999, 15);
  expect(schedule.alphaBar[0]).toBe(1);
  expect(schedule.sigma[0]).toBe(0);
  // The paper's largest noise for the denoiser is 244.3 / 255 at its 0-based t = 250.
  expect(schedule.sigma[251]! * 255).toBeCloseTo(244.3, 0);
});

test('signal and noise add up to one and the noise grows, in every kind of schedule', () => {
  for (const schedule of [
    createSchedule(),
    createSchedule({ kind: 'cosine', steps: 400 }),
    createSchedule({ kind: 'betas', betas: [0.5, 0.01, 0.3] }),
  ])
    for (let t = 1; t <= schedule.steps; t++) {
      expect(schedule.alphaBar[t]! + schedule.noiseVariance[t]!).toBeCloseTo(1, 13);
      expect(schedule.sigma[t]).toBeGreaterThan(schedule.sigma[t - 1]!);
      const ratio = schedule.noiseVariance[t]! / schedule.alphaBar[t]!;
      expect(Math.abs(schedule.sigma[t]! ** 2 / ratio - 1)).toBeLessThan(1e-12);
    }
});

test('the cosine schedule follows cos^2 and is capped', () => {
  const schedule = createSchedule({ kind: 'cosine', steps: 1000 });
  const level = (t: number) => Math.cos((((t / 1000 + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  for (const t of [1, 10, 500, 900])
    expect(Math.abs((schedule.alphaBar[t]! * level(0)) / level(t) - 1)).toBeLessThan(1e-11);
  expect(schedule.beta[1000]).toBe(0.999);
  expect(createSchedule({ kind: 'cosine', steps: 50, maxBeta: 0.4 }).beta[50]).toBe(0.4);
});

test('a schedule that cannot be is refused', () => {
  expect(() => createSchedule({ kind: 'betas', betas: [0.1, 1] })).toThrow(/betas\[1\]/);
  expect(() => createSchedule({ kind: 'betas', betas: [] })).toThrow(ParameterError);
  expect(() => createSchedule({ kind: 'betas', betas: [0.1, Number.NaN] })).toThrow(/betas\[1\]/);
  expect(() => createSchedule({ kind: 'cosine', steps: 0 })).toThrow(/schedule.steps/);
  expect(() => createSchedule({ kind: 'betas', betas: Array(40).fill(1 - 1e-15) })).toThrow(
    /above 0/,
  );
  const unknown = { kind: 'sigmoid', steps: 3 } as unknown as Parameters<typeof createSchedule>[0];
  expect(() => createSchedule(unknown)).toThrow(/schedule.kind/);
});
