import { expect, test, vi } from 'vitest';
import { imageNoise } from '../tensor/image-noise.js';
import { fillNormal } from '../tensor/random.js';
import { CancelledError, ModelError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { planSampler } from './plan.js';
import { type Estimate, type NoiseSource, type SampleOptions, sample } from './sample.js';
import { resolveSampler, type SamplerRequest } from './sampler-settings.js';
import { createSchedule } from './schedule.js';

const schedule = createSchedule();
const plan = (request: SamplerRequest, of = schedule) =>
  planSampler(of, resolveSampler(request, { schedule: of }).settings);
const seeded: NoiseSource = (time, first, target) => fillNormal(target, 1, time, first);
/** A smooth estimate that depends on all it is given. */
const estimate: Estimate = ({ x, signal, sigma, t }) =>
  x.map(
    (value, i) => 0.4 + 0.3 * Math.tanh(value / signal / (1 + sigma)) + 0.01 * (i % 3) + t / 1e4,
  );
const restored = Float32Array.from({ length: 50 }, (_, i) => (i % 10) / 10);
const options = (request: SamplerRequest, more: Partial<SampleOptions> = {}): SampleOptions => ({
  plan: plan(request),
  length: restored.length,
  restored,
  estimate,
  noise: seeded,
  ...more,
});

test('the sampler counts its evaluations; the restoration network makes one more', async () => {
  for (const [request, evaluations] of [
    [{ tau: 5 }, 5],
    [{ tau: 250, steps: 50 }, 50],
    [{ tau: 40, steps: 1, start: 'noised' }, 1],
    [{ start: 'full' }, 1000],
  ] as const) {
    const counting = vi.fn(estimate);
    const result = await sample(options(request, { estimate: counting }));
    expect(counting).toHaveBeenCalledTimes(evaluations);
    expect(result.evaluations).toBe(evaluations);
    expect(result.nfe).toBe(evaluations + 1);
  }
});

test('each step reports its time, state and estimate before the draw', async () => {
  const seen: { t: number; next: number; index: number; evaluations: number }[] = [];
  let state = new Float64Array();
  let guess = new Float64Array();
  const result = await sample(
    options(
      { tau: 10, steps: 3, noiseLevel: 'nominal' },
      {
        onStep: async ({ t, next, index, evaluations, x, estimate: current, sigma, steps }) => {
          await Promise.resolve();
          expect(steps).toBe(3);
          expect(sigma).toBe(schedule.sigma[t]);
          seen.push({ t, next, index, evaluations });
          state = Float64Array.from(x);
          guess = Float64Array.from(current);
        },
      },
    ),
  );
  expect(seen).toEqual([
    { index: 0, t: 10, next: 7, evaluations: 1 },
    { index: 1, t: 7, next: 3, evaluations: 2 },
    { index: 2, t: 3, next: 0, evaluations: 3 },
  ]);
  const signal = Math.sqrt(schedule.alphaBar[3]!);
  const again = estimate({ x: state, signal, sigma: schedule.sigma[3]!, t: 3, index: 2 });
  expect([...(await again)]).toEqual([...guess]);
  expect([...result.x]).toEqual([...guess]);
});

test('DDIM with eta 1 follows the ancestral chain of small variance', async () => {
  for (const steps of [30, 7]) {
    const shared = { tau: 30, steps, variance: 'small' } as const;
    const trace = async (request: SamplerRequest) => {
      const states: number[] = [];
      const result = await sample(options(request, { onStep: ({ x }) => void states.push(...x) }));
      return [...states, ...result.x];
    };
    const ancestral = await trace({ ...shared, sampler: 'ancestral' });
    const implicit = await trace({ ...shared, sampler: 'ddim', eta: 1 });
    expect(ancestral.length).toBe(50 * (steps + 1));
    ancestral.forEach((value, i) => {
      expect(Math.abs(implicit[i]! - value)).toBeLessThan(1e-11);
    });
  }
});

test('the state does not depend on how the noise is cut into pieces', async () => {
  const length = 3 * 90 * 101;
  const large = Float32Array.from({ length }, (_, i) => (i % 17) / 17);
  const request = { tau: 4 } as const;
  const by = { length, restored: large, noise: imageNoise({ seed: 9, height: 90, width: 101 }) };
  const { x } = await sample(options(request, by));
  const { fromEstimate, deviation, time } = plan(request).start;
  let first = new Float64Array();
  const onStep: SampleOptions['onStep'] = (report) => {
    if (report.index === 0) first = report.x.slice();
  };
  const again = await sample(options(request, { ...by, onStep }));
  expect(again.x).toEqual(x);
  const z = new Float64Array(length);
  by.noise(time, 0, z);
  const expected = z.map((value, i) => fromEstimate * large[i]! + deviation * value);
  expect(first).toEqual(expected);
});

test('starts: around the restored image, forward-noised, or from noise alone', async () => {
  const firstState = async (request: SamplerRequest, image?: Float32Array) => {
    let state = new Float64Array();
    await sample(
      options(request, {
        restored: image,
        onStep: ({ x, index }) => {
          if (index === 0) state = x.slice();
        },
      }),
    );
    return state;
  };
  const z = (time: number) => {
    const target = new Float64Array(50);
    fillNormal(target, 1, time);
    return target;
  };
  const noised = await firstState({ tau: 250, start: 'noised' }, restored);
  const bar = schedule.alphaBar[250]!;
  noised.forEach((value, i) => {
    expect(value).toBeCloseTo(Math.sqrt(bar) * restored[i]! + Math.sqrt(1 - bar) * z(250)[i]!, 12);
  });
  expect(await firstState({ start: 'full', steps: 2 })).toEqual(z(1000));
  const accelerated = await firstState({ tau: 1000, steps: 2 });
  expect(accelerated).toEqual(z(1000));
  const deviationAt = (tau: number, start: 'accelerated' | 'noised') =>
    plan({ tau, start }).start.deviation;
  expect(deviationAt(5, 'accelerated')).toBeCloseTo(0.02884, 5);
  expect(deviationAt(5, 'noised')).toBeCloseTo(0.02644, 5);
  const ratio = deviationAt(250, 'accelerated') / deviationAt(250, 'noised');
  expect(Math.abs(ratio - 1)).toBeLessThan(0.002);
});

test('chains of different strides share the noise of the times they share', async () => {
  const times = async (steps: number) => {
    const seen = new Set<number>();
    const noise: NoiseSource = (time, first, target) => {
      seen.add(time);
      seeded(time, first, target);
    };
    await sample(options({ tau: 8, steps, sampler: 'ancestral' }, { noise }));
    return [...seen];
  };
  expect(await times(8)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect(await times(4)).toEqual([8, 6, 4, 2]);
});

test('cancelling and checkpoints stop the chain between steps', async () => {
  const signal = { aborted: false };
  const counting = vi.fn(estimate);
  const onStep: SampleOptions['onStep'] = ({ index }) => {
    signal.aborted = index === 2;
  };
  await expect(sample(options({ tau: 9 }, { signal, onStep, estimate: counting }))).rejects.toThrow(
    CancelledError,
  );
  expect(counting).toHaveBeenCalledTimes(3);
  const checkpoint = async () => {
    throw new CancelledError('the job');
  };
  await expect(sample(options({ tau: 9 }, { checkpoint }))).rejects.toThrow(/the job/);
});

test('long draws pause inside', async () => {
  const length = 2_500_000;
  const pauses = vi.fn();
  await sample(
    options(
      { start: 'full', steps: 1 },
      {
        length,
        restored: undefined,
        noise: () => undefined,
        estimate: ({ x }) => x,
        checkpoint: pauses,
      },
    ),
  );
  expect(pauses.mock.calls.length).toBeGreaterThanOrEqual(2 + 2 * 2);
});

test('what does not fit is refused', async () => {
  const failing = (more: Partial<SampleOptions>) => sample(options({ tau: 5 }, more));
  await expect(failing({ restored: undefined })).rejects.toThrow(withSubject('restored'));
  await expect(failing({ length: 49 })).rejects.toThrow(withSubject('restored'));
  await expect(failing({ length: 0 })).rejects.toThrow(withSubject('length'));
  await expect(failing({ estimate: () => new Float32Array(3) })).rejects.toThrow(ModelError);
  const broken: Estimate = ({ x, index }) => x.map((value) => (index === 2 ? Number.NaN : value));
  await expect(failing({ estimate: broken })).rejects.toThrow(/not finite at t = 3/);
  const endless = new Float32Array(50).fill(Number.POSITIVE_INFINITY);
  await expect(failing({ restored: endless })).rejects.toThrow(/restored image/);
});
