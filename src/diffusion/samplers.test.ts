import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withSubject } from '../utils/testing/errors.js';
import { planSampler } from './plan.js';
import { sample } from './sample.js';
import { resolveSampler, type SamplerKind } from './sampler-settings.js';
import { ddim, dpmSolver, forward, reverse, type VarianceKind } from './samplers.js';
import { createSchedule } from './schedule.js';

interface Figures {
  readonly start: readonly Record<string, number>[];
  readonly jump: readonly Record<string, number | null>[];
}

const figures = JSON.parse(
  readFileSync(new URL('../../conformance/diffusion.json', import.meta.url), 'utf8'),
) as Figures;
const schedule = createSchedule();
const variances: readonly VarianceKind[] = ['large', 'small'];

function near(actual: number, expected: number, tolerance = 1e-9): void {
  if (expected === 0) expect(actual).toBe(0);
  else expect(Math.abs(actual / expected - 1)).toBeLessThan(tolerance);
}

test('start coefficients agree with the reference figures', () => {
  expect(figures.start.length).toBeGreaterThan(5);
  for (const row of figures.start) {
    const tau = row.tau!;
    const small = reverse(schedule, 1000, tau, 'small');
    near(small.fromEstimate, row.coef_x0!);
    near(small.fromState, row.coef_xT!);
    near(small.variance, row.var_posterior!);
    near(reverse(schedule, 1000, tau, 'large').variance, row.var_beta!);
    near(forward(schedule, tau).signal, row.sqrt_alpha_bar!);
    near(forward(schedule, tau).deviation ** 2, row.one_minus_alpha_bar!);
    near(schedule.sigma[tau]!, row.sigma_tilde!);
  }
});

test('merged jumps agree with the reference figures', () => {
  expect(figures.jump.length).toBeGreaterThan(5);
  for (const row of figures.jump) {
    const small = reverse(schedule, row.t!, row.s!, 'small');
    near(small.fromEstimate, row.coef_x0!);
    near(small.fromState, row.coef_xt!);
    near(small.variance, row.var_posterior!);
    if (row.var_beta !== null)
      near(reverse(schedule, row.t!, row.s!, 'large').variance, row.var_beta!);
  }
});

test('one step is the textbook posterior', () => {
  for (const t of [2, 5, 100, 999]) {
    const [bar, before] = [schedule.alphaBar[t]!, schedule.alphaBar[t - 1]!];
    const beta = schedule.beta[t]!;
    const step = reverse(schedule, t, t - 1, 'small');
    near(step.fromEstimate, (Math.sqrt(before) * beta) / (1 - bar));
    near(step.fromState, (Math.sqrt(1 - beta) * (1 - before)) / (1 - bar));
    near(step.variance, ((1 - before) / (1 - bar)) * beta);
    near(reverse(schedule, t, t - 1, 'large').variance, beta);
  }
});

test('a merged transition equals its steps one by one, for both variances', () => {
  for (const variance of variances)
    for (const [t, s] of [
      [1000, 5],
      [1000, 250],
      [250, 245],
      [730, 1],
      [9, 8],
      [40, 0],
    ] as const) {
      let fromEstimate = 0;
      let fromState = 1;
      let spread = 0;
      for (let n = t; n > s; n--) {
        const step = reverse(schedule, n, n - 1, variance);
        fromEstimate = step.fromState * fromEstimate + step.fromEstimate;
        fromState *= step.fromState;
        spread = step.fromState ** 2 * spread + step.variance;
      }
      const merged = reverse(schedule, t, s, variance);
      near(merged.fromEstimate, fromEstimate);
      near(merged.fromState, fromState);
      near(merged.variance, spread);
    }
});

test('no step leaves the state as it is', () => {
  expect(reverse(schedule, 1000, 1000, 'large')).toEqual({
    fromEstimate: 0,
    fromState: 1,
    variance: 0,
  });
});

test('the small variance reverses the forward process exactly when x_0 is known', () => {
  for (const [t, s] of [
    [250, 245],
    [1000, 5],
    [2, 1],
  ] as const) {
    const step = reverse(schedule, t, s, 'small');
    const at = forward(schedule, t);
    const wanted = forward(schedule, s);
    near(step.fromEstimate + step.fromState * at.signal, wanted.signal);
    near(step.fromState ** 2 * at.deviation ** 2 + step.variance, wanted.deviation ** 2);
  }
});

test('forward steps compose', () => {
  const first = forward(schedule, 60);
  const second = forward(schedule, 100, 60);
  const both = forward(schedule, 100);
  near(second.signal * first.signal, both.signal);
  near((second.signal * first.deviation) ** 2 + second.deviation ** 2, both.deviation ** 2);
  expect(forward(schedule, 0)).toEqual({ signal: 1, deviation: 0 });
});

test('DDIM with eta 1 is the merged posterior of small variance', () => {
  for (const [t, s] of [
    [250, 245],
    [1000, 5],
    [2, 1],
    [730, 310],
    [5, 0],
  ] as const) {
    const step = ddim(schedule, t, s, 1);
    const posterior = reverse(schedule, t, s, 'small');
    near(step.fromEstimate, posterior.fromEstimate, 1e-12);
    near(step.fromState, posterior.fromState, 1e-12);
    near(step.variance, posterior.variance, 1e-12);
  }
});

test('DDIM keeps the marginals of the forward process for every eta', () => {
  for (const eta of [0, 0.3, 0.85, 1])
    for (const [t, s] of [
      [250, 245],
      [1000, 5],
      [3, 2],
    ] as const) {
      const step = ddim(schedule, t, s, eta);
      const at = forward(schedule, t);
      const wanted = forward(schedule, s);
      near(step.fromEstimate + step.fromState * at.signal, wanted.signal);
      near(step.fromState ** 2 * at.deviation ** 2 + step.variance, wanted.deviation ** 2);
    }
  expect(ddim(schedule, 250, 245, 0).variance).toBe(0);
});

test('times outside the schedule are refused', () => {
  expect(() => reverse(schedule, 1001, 5, 'small')).toThrow(withSubject('t'));
  expect(() => reverse(schedule, 5, 6, 'small')).toThrow(withSubject('s'));
  expect(() => reverse(schedule, 5, -1, 'small')).toThrow(withSubject('s'));
  expect(() => reverse(schedule, 5.5, 1, 'small')).toThrow(withSubject('t'));
  expect(() => forward(schedule, 3, 4)).toThrow(withSubject('s'));
  expect(() => ddim(schedule, 5, 5, 0)).toThrow(withSubject('s'));
  expect(() => ddim(schedule, 5, 4, 1.01)).toThrow(withSubject('eta'));
});

test('the update is that of algorithm 2, written with lambda', () => {
  const [before, t, s] = [60, 40, 20];
  const alpha = (time: number) => Math.sqrt(schedule.alphaBar[time]!);
  const deviation = (time: number) => Math.sqrt(schedule.noiseVariance[time]!);
  const lambda = (time: number) => Math.log(alpha(time) / deviation(time));
  const h = lambda(s) - lambda(t);
  const r = (lambda(t) - lambda(before)) / h;
  const gain = -alpha(s) * Math.expm1(-h);
  const { fromEstimate, fromPrevious, fromState, variance } = dpmSolver(schedule, t, s, before);
  expect(fromEstimate).toBeCloseTo(gain * (1 + 1 / (2 * r)), 12);
  expect(fromPrevious).toBeCloseTo(-gain / (2 * r), 12);
  expect(fromState).toBeCloseTo(deviation(s) / deviation(t), 12);
  expect(variance).toBe(0);
});

test('the first and the last step are those of DDIM', () => {
  expect(dpmSolver(schedule, 60, 40, undefined)).toEqual(ddim(schedule, 60, 40, 0));
  expect(dpmSolver(schedule, 20, 0, 40)).toEqual(ddim(schedule, 20, 0, 0));
});

/**
 * The state at t = 100 of the flow of data N(m, c^2), whose exact estimate is linear, against its
 * closed form: x_t - sqrt(abar) m shrinks as the deviation of x_t.
 */
async function errorOf(sampler: SamplerKind, steps: number): Promise<number> {
  const [mean, spread] = [0.4, 0.2];
  const { settings } = resolveSampler({ tau: 500, steps, sampler, start: 'noised' }, { schedule });
  const plan = planSampler(schedule, settings);
  const deviationAt = (t: number) =>
    Math.sqrt(schedule.alphaBar[t]! * spread ** 2 + schedule.noiseVariance[t]!);
  let [first, last, time] = [Number.NaN, Number.NaN, 0];
  await sample({
    plan,
    length: 1,
    restored: new Float64Array([1.3]),
    noise: (_time, _first, target) => target.fill(0.7),
    estimate: ({ x, signal, index }) => {
      const { t } = plan.steps[index]!;
      if (index === 0) first = x[0]!;
      if (t === 100) [last, time] = [x[0]!, t];
      const gain = (signal * spread ** 2) / deviationAt(t) ** 2;
      return new Float64Array([mean + gain * (x[0]! - signal * mean)]);
    },
  });
  const offset = (x: number, t: number) => x - Math.sqrt(schedule.alphaBar[t]!) * mean;
  const exact = (offset(first, 500) * deviationAt(time)) / deviationAt(500);
  return Math.abs(offset(last, time) - exact);
}

test('it converges in second order where DDIM converges in first', async () => {
  const [coarse, fine] = [await errorOf('dpmpp-2m', 20), await errorOf('dpmpp-2m', 40)];
  expect(coarse / fine).toBeGreaterThan(3);
  expect(fine).toBeLessThan((await errorOf('ddim', 40)) / 4);
});
