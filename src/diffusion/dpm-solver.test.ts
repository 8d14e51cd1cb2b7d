import { expect, test } from 'vitest';
import { ddim } from './ddim.js';
import { dpmSolver } from './dpm-solver.js';
import { planSampler } from './plan.js';
import { sample } from './sample.js';
import { createSchedule } from './schedule.js';
import { resolveSampler, type SamplerKind } from './settings.js';

const schedule = createSchedule();

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
