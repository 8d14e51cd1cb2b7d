import { expect, test } from 'vitest';
import { imageNoise } from '../tensor/image-noise.js';
import { planSampler } from './plan.js';
import { sample } from './sample.js';
import { resolveSampler, type SamplerRequest } from './sampler-settings.js';
import { createSchedule, timeOfSigma } from './schedule.js';

const schedule = createSchedule();
const side = 160;
const estimate = new Float64Array(3 * side * side).fill(0.3);

/** Deviation of x_t / signal from its mean against what the modules are told, at every evaluation. */
async function measured(request: SamplerRequest) {
  const { settings } = resolveSampler(request, { schedule });
  const ratios: number[] = [];
  await sample({
    plan: planSampler(schedule, settings),
    length: estimate.length,
    restored: estimate,
    noise: imageNoise({ seed: 3, height: side, width: side, top: 0, left: 0 }),
    estimate: ({ x, signal, sigma }) => {
      const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
      const square = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
      ratios.push(Math.sqrt(square) / signal / sigma);
      return estimate;
    },
  });
  return ratios;
}

const chains: readonly SamplerRequest[] = [
  { tau: 10, steps: 10, variance: 'large' },
  { tau: 10, steps: 10, variance: 'small' },
  { tau: 60, steps: 7, sampler: 'ancestral', variance: 'large' },
  { tau: 40, steps: 5, sampler: 'ddim', eta: 0 },
  { tau: 40, steps: 5, sampler: 'ddim', eta: 0.7, start: 'noised' },
  { tau: 250, steps: 6, sampler: 'dpmpp-2m' },
];

test.each(chains)('the noise of the state is the told one with %o', async (request) => {
  for (const ratio of await measured(request)) expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
});

test('nominal levels are those of the schedule, which variance large exceeds', async () => {
  const request = { tau: 10, steps: 10, variance: 'large', noiseLevel: 'nominal' } as const;
  const { settings } = resolveSampler(request, { schedule });
  for (const { t, sigma, conditioningTime } of planSampler(schedule, settings).steps) {
    expect(sigma).toBe(schedule.sigma[t]);
    expect(conditioningTime).toBe(t);
  }
  const ratios = await measured(request);
  expect(ratios[5]).toBeCloseTo(1.09, 1);
  expect(ratios.at(-1)).toBeCloseTo(1.36, 1);
});

test('with variance small the tracked level is the nominal one', () => {
  for (const sampler of ['ancestral', 'ddim', 'dpmpp-2m'] as const) {
    const { settings } = resolveSampler(
      { tau: 30, steps: 6, sampler, variance: 'small' },
      { schedule },
    );
    for (const { t, sigma, conditioningTime } of planSampler(schedule, settings).steps) {
      expect(sigma / schedule.sigma[t]!).toBeCloseTo(1, 9);
      expect(conditioningTime).toBeCloseTo(t, 6);
    }
  }
});

test('the time of a noise level inverts the schedule, between its times too', () => {
  for (const t of [0, 1, 5, 250, 1000])
    expect(timeOfSigma(schedule, schedule.sigma[t]!)).toBeCloseTo(t, 9);
  const between = (schedule.sigma[20]! + 3 * schedule.sigma[21]!) / 4;
  expect(timeOfSigma(schedule, between)).toBeCloseTo(20.75, 9);
  expect(timeOfSigma(schedule, 1e9)).toBe(1000);
});
