import { expect, test } from 'vitest';
import { planSampler } from './plan.js';
import { type Estimate, type NoiseSource, sample } from './sample.js';
import { resolveSampler, type SamplerRequest } from './sampler-settings.js';
import { createSchedule } from './schedule.js';

/** One continuous schedule cut into `steps` pieces. */
const cut = (steps: number) =>
  createSchedule({ kind: 'linear', steps, betaStart: 0.1 / steps, betaEnd: 20 / steps });
const schedule = cut(200);

/**
 * Mean and variance of a chain whose estimate is affine in x_t, without sampling: element 0 runs
 * without noise and element k with 1 in draw k alone, so their differences are the gains of
 * independent Gaussians.
 */
async function law(request: SamplerRequest, estimate: Estimate, restored = 0, of = schedule) {
  const plan = planSampler(of, resolveSampler(request, { schedule: of }).settings);
  const length = plan.steps.length + 1;
  const impulse: NoiseSource = (time, first, target) => {
    target.fill(0);
    const draw = time === plan.start.time ? 0 : plan.steps.findIndex((s) => s.next === time) + 1;
    const at = draw + 1 - first;
    if (at >= 0 && at < target.length) target[at] = 1;
  };
  const image = new Float64Array(length).fill(restored);
  const { x } = await sample({ plan, length, restored: image, estimate, noise: impulse });
  const mean = x[0]!;
  return { mean, variance: x.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

/** The posterior mean of x_0 ~ N(mean, variance) given x_t. */
function posteriorMean(mean: number, variance: number): Estimate {
  return ({ x, signal, sigma }) => {
    const weight = variance / (variance + sigma * sigma);
    return x.map((value) => mean + weight * (value / signal - mean));
  };
}

test('the large variance samples a unit Gaussian exactly', async () => {
  const { mean, variance } = await law(
    { start: 'full', noiseLevel: 'nominal' },
    posteriorMean(0, 1),
  );
  expect(mean).toBe(0);
  // The last step is a point estimate, which shrinks the unit variance at t = 1 by abar_1.
  expect(Math.abs(variance / schedule.alphaBar[1]! - 1)).toBeLessThan(1e-9);
});

test('the small variance samples a point exactly, at every time of the chain', async () => {
  const point = 0.7;
  const spread: number[] = [];
  const plan = planSampler(
    schedule,
    resolveSampler({ tau: 60, variance: 'small' }, { schedule }).settings,
  );
  let variance = plan.start.deviation ** 2;
  let mean = plan.start.fromEstimate * point;
  for (const { t, transition } of plan.steps) {
    expect(Math.abs(mean / (Math.sqrt(schedule.alphaBar[t]!) * point) - 1)).toBeLessThan(1e-3);
    spread.push(variance / schedule.noiseVariance[t]!);
    mean = transition.fromEstimate * point + transition.fromState * mean;
    variance = transition.fromState ** 2 * variance + transition.variance;
  }
  for (const ratio of spread) expect(Math.abs(ratio - 1)).toBeLessThan(1e-3);
  const result = await law({ tau: 60, variance: 'small' }, posteriorMean(point, 0), point);
  expect(result).toEqual({ mean: point, variance: 0 });
});

test('DDIM samples a Gaussian prior up to an error of first order in its step', async () => {
  const [mean, variance] = [0.4, 0.09];
  for (const eta of [0, 0.5, 1]) {
    const errors: number[] = [];
    for (const steps of [200, 400, 800]) {
      const found = await law(
        { start: 'full', sampler: 'ddim', eta },
        posteriorMean(mean, variance),
        0,
        cut(steps),
      );
      expect(Math.abs(found.mean - mean)).toBeLessThan(0.01);
      errors.push(Math.abs(found.variance / variance - 1));
    }
    // Halving the step halves the error, so it vanishes in the limit.
    for (const ratio of [errors[1]! / errors[0]!, errors[2]! / errors[1]!]) {
      expect(ratio).toBeGreaterThan(0.45);
      expect(ratio).toBeLessThan(0.6);
    }
  }
});

test('DDIM of few steps has the variance of its closed-form gains', async () => {
  // N = 1 returns the estimate at tau: weight / signal times the start's deviation.
  const [tau, variance] = [50, 0.09];
  const { signal, sigma } = {
    signal: Math.sqrt(schedule.alphaBar[tau]!),
    sigma: schedule.sigma[tau]!,
  };
  const found = await law({ tau, steps: 1, start: 'noised' }, posteriorMean(0.4, variance), 0.4);
  const weight = variance / (variance + sigma * sigma);
  expect(Math.abs(found.mean / 0.4 - 1)).toBeLessThan(1e-12);
  const expected = (weight / signal) ** 2 * (1 - signal * signal);
  expect(Math.abs(found.variance / expected - 1)).toBeLessThan(1e-9);
});

test('the accelerated start has the law of all the steps it replaces', async () => {
  const restored = 0.3;
  for (const variance of ['large', 'small'] as const)
    for (const tau of [5, 80]) {
      const free = posteriorMean(0.5, 0.04);
      const held: Estimate = (request) =>
        request.t > tau ? request.x.map(() => restored) : free(request);
      const full = await law({ start: 'full', variance }, held);
      const short = await law({ tau, variance }, held, restored);
      expect(Math.abs(short.mean / full.mean - 1)).toBeLessThan(1e-9);
      expect(Math.abs(short.variance / full.variance - 1)).toBeLessThan(1e-9);
    }
});
