import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { resolveSampler, type SamplerRequest } from './sampler-settings.js';
import { createSchedule, timesteps } from './schedule.js';

const schedule = createSchedule();
const resolve = (request: SamplerRequest, more = {}) =>
  resolveSampler(request, { schedule, ...more }).settings;

test('as many steps as tau are sampled ancestrally with the large variance', () => {
  expect(resolve({ tau: 5 })).toEqual({
    tau: 5,
    steps: 5,
    start: 'accelerated',
    sampler: 'ancestral',
    eta: 0,
    variance: 'large',
    noiseLevel: 'tracked',
  });
});

test('fewer steps than tau are sampled by DDIM without noise', () => {
  expect(resolve({ tau: 250, steps: 50 })).toMatchObject({ sampler: 'ddim', eta: 0, steps: 50 });
});

test('sampler, eta and variance can be chosen apart', () => {
  expect(resolve({ tau: 20, steps: 4, sampler: 'ancestral', variance: 'small' })).toMatchObject({
    sampler: 'ancestral',
    variance: 'small',
  });
  expect(resolve({ tau: 5, sampler: 'ddim' })).toMatchObject({ sampler: 'ddim', steps: 5, eta: 0 });
  expect(resolve({ tau: 5, eta: 0.5 })).toMatchObject({ sampler: 'ddim', eta: 0.5 });
});

test("a pack's defaults fill what the request leaves open", () => {
  const defaults = { tau: 250, steps: 50, variance: 'small' } as const;
  expect(resolve({}, { defaults })).toMatchObject({ tau: 250, steps: 50, variance: 'small' });
  expect(resolve({ tau: 5 }, { defaults })).toMatchObject({ steps: 5, sampler: 'ancestral' });
  expect(resolve({ start: 'full', steps: undefined }, { defaults })).toMatchObject({
    tau: 1000,
    steps: 50,
    sampler: 'ddim',
  });
});

test('complete settings survive JSON and resolve to themselves', () => {
  for (const request of [
    { tau: 5 },
    { tau: 250, steps: 50 },
    { tau: 9, steps: 3, eta: 0.4, start: 'noised', variance: 'small' },
    { start: 'full' },
  ] as const) {
    const settings = resolve(request);
    expect(resolve(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  }
});

test('a tau beyond the training range is refused unless asked for, and marked', () => {
  const context = { schedule, tMax: 100 };
  expect(() => resolveSampler({ tau: 101 }, context)).toThrow(withSubject('tau'));
  expect(() => resolveSampler({ start: 'full' }, context)).toThrow(ParameterError);
  expect(resolveSampler({ tau: 100 }, context).beyondTraining).toBe(false);
  const allowed = { ...context, allowBeyondTraining: true };
  expect(resolveSampler({ tau: 101 }, allowed).beyondTraining).toBe(true);
  expect(resolveSampler({ tau: 100 }, allowed).beyondTraining).toBe(false);
});

test('a positive eta asks for DDIM, whatever sampler the pack has', () => {
  const defaults = { tau: 20, steps: 3, sampler: 'dpmpp-2m' } as const;
  expect(resolve({}, { defaults })).toMatchObject({ sampler: 'dpmpp-2m', eta: 0 });
  expect(resolve({ eta: 0.5 }, { defaults })).toMatchObject({ sampler: 'ddim', eta: 0.5 });
  expect(resolve({ sampler: 'ancestral' }, { defaults })).toMatchObject({ sampler: 'ancestral' });
});

test('contradictions and values out of range are refused by name', () => {
  const refused = (request: object, message: RegExp) =>
    expect(() => resolve(request as SamplerRequest)).toThrow(message);
  refused({}, /tau: expected an integer in 1..1000, received undefined/);
  refused({ tau: 0 }, /tau/);
  refused({ tau: 1001 }, /tau/);
  refused({ tau: 5, steps: 6 }, /steps: expected an integer in 1..tau = 5, received 6/);
  refused({ tau: 5, steps: 0 }, /steps/);
  refused({ tau: 5, steps: 2.5 }, /steps/);
  refused({ tau: 5, eta: -0.1 }, /eta/);
  refused({ tau: 5, eta: 0.5, sampler: 'ancestral' }, /eta: expected 0 with the sampler ancestral/);
  refused({ tau: 5, start: 'cold' }, /start: expected accelerated, noised, full/);
  refused({ tau: 5, sampler: 'euler' }, /sampler/);
  refused({ tau: 5, variance: 'learned' }, /variance/);
  refused({ tau: 5, start: 'full' }, /tau: expected 1000 with the full start/);
});

test('times are spread evenly from tau, halves rounded up, then falls to 0', () => {
  expect(timesteps(250, 50)).toEqual(Array.from({ length: 50 }, (_, i) => 250 - 5 * i));
  expect(timesteps(5, 5)).toEqual([5, 4, 3, 2, 1]);
  expect(timesteps(5, 2)).toEqual([5, 3]);
  expect(timesteps(10, 3)).toEqual([10, 7, 3]);
  expect(timesteps(7, 1)).toEqual([7]);
  for (const [tau, steps] of [
    [1000, 999],
    [251, 47],
    [13, 12],
  ] as const) {
    const times = timesteps(tau, steps);
    expect(times[0]).toBe(tau);
    expect(times.length).toBe(steps);
    times.forEach((t, i) => {
      expect(t).toBeGreaterThan(times[i + 1] ?? 0);
    });
  }
});
