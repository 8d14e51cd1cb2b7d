import { checkEta, ddim } from './ddim.js';
import { checkTime, type Schedule } from './schedule.js';
import type { SamplerSettings } from './settings.js';
import { timesteps } from './timesteps.js';
import { forward, reverse, type Transition } from './transitions.js';

/** The first state of a chain: x_tau = fromEstimate * x_IR + deviation * z. */
export interface StartDraw {
  readonly time: number;
  readonly fromEstimate: number;
  readonly deviation: number;
}

/** One evaluation of the estimate at t, followed by a draw at the earlier time `next`. */
export interface PlannedStep {
  readonly index: number;
  readonly t: number;
  readonly next: number;
  /** sqrt(abar_t): x_t / signal is the picture with plain white noise of deviation `sigma`. */
  readonly signal: number;
  readonly sigma: number;
  readonly transition: Transition;
}

/** A chain as numbers. */
export interface SamplerPlan {
  readonly settings: SamplerSettings;
  readonly start: StartDraw;
  readonly steps: readonly PlannedStep[];
}

/**
 * The coefficients of every draw of a chain.
 * @throws ParameterError where the settings do not fit the schedule; see `resolveSampler`.
 */
export function planSampler(schedule: Schedule, settings: SamplerSettings): SamplerPlan {
  const { tau, steps, sampler, eta, variance } = settings;
  checkTime(schedule, 'tau', tau, settings.start === 'full' ? schedule.steps : 1);
  checkEta(eta);
  const times = timesteps(tau, steps);
  return {
    settings,
    start: startDraw(schedule, settings),
    steps: times.map((t, index) => {
      const next = times[index + 1] ?? 0;
      return {
        index,
        t,
        next,
        signal: Math.sqrt(schedule.alphaBar[t]!),
        sigma: schedule.sigma[t]!,
        transition:
          sampler === 'ddim' ? ddim(schedule, t, next, eta) : reverse(schedule, t, next, variance),
      };
    }),
  };
}

/**
 * The first draw. The accelerated start (equation 11) adds two independent Gaussians, cT x_T and
 * sqrt(v) z; they are drawn as one of variance cT^2 + v, which is the same law at half the cost.
 */
function startDraw(schedule: Schedule, settings: SamplerSettings): StartDraw {
  const { tau, start, variance } = settings;
  if (start === 'full') return { time: tau, fromEstimate: 0, deviation: 1 };
  if (start === 'noised') {
    const { signal, deviation } = forward(schedule, tau);
    return { time: tau, fromEstimate: signal, deviation };
  }
  const merged = reverse(schedule, schedule.steps, tau, variance);
  return {
    time: tau,
    fromEstimate: merged.fromEstimate,
    deviation: Math.sqrt(merged.fromState ** 2 + merged.variance),
  };
}
