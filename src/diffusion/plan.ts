import type { SamplerSettings } from './sampler-settings.js';
import { checkEta, ddim, dpmSolver, forward, reverse, type Transition } from './samplers.js';
import { checkTime, type Schedule, timeOfSigma, timesteps } from './schedule.js';

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
  /** sqrt(abar_t): x_t / signal is the image with plain white noise. */
  readonly signal: number;
  /** Standard deviation of that noise as the modules are told it. */
  readonly sigma: number;
  /** The time as they are told it, whose s_t is `sigma`: t itself where the level is nominal. */
  readonly conditioningTime: number;
  readonly transition: Transition;
}

/** A chain as numbers. */
export interface SamplerPlan {
  readonly settings: SamplerSettings;
  readonly start: StartDraw;
  readonly steps: readonly PlannedStep[];
}

/**
 * The coefficients of every draw of a chain, and the noise that its state holds at each evaluation.
 * With estimates that do not change, the state's noise has the variance V with
 * V_tau = deviation^2 of the start and V_next = fromState^2 V_t + variance: only with the variance
 * `small` is it that of the schedule, 1 - abar_t.
 * @throws ParameterError where the settings do not fit the schedule; see `resolveSampler`.
 */
export function planSampler(schedule: Schedule, settings: SamplerSettings): SamplerPlan {
  const { tau, steps: count, noiseLevel } = settings;
  checkTime(schedule, 'tau', tau, settings.start === 'full' ? schedule.steps : 1);
  checkEta(settings.eta);
  const start = startDraw(schedule, settings);
  const times = timesteps(tau, count);
  const steps: PlannedStep[] = [];
  let variance = start.deviation ** 2;
  for (const [index, t] of times.entries()) {
    const next = times[index + 1] ?? 0;
    const signal = Math.sqrt(schedule.alphaBar[t]!);
    const transition = transitionOf(schedule, settings, { t, next, before: times[index - 1] });
    const isNominal = noiseLevel === 'nominal';
    const sigma = isNominal ? schedule.sigma[t]! : Math.sqrt(variance) / signal;
    const conditioningTime = isNominal ? t : timeOfSigma(schedule, sigma);
    steps.push({ index, t, next, signal, sigma, conditioningTime, transition });
    variance = transition.fromState ** 2 * variance + transition.variance;
  }
  return { settings, start, steps };
}

function transitionOf(
  schedule: Schedule,
  { sampler, eta, variance }: SamplerSettings,
  { t, next, before }: { t: number; next: number; before: number | undefined },
): Transition {
  switch (sampler) {
    case 'ancestral':
      return reverse(schedule, t, next, variance);
    case 'ddim':
      return ddim(schedule, t, next, eta);
    case 'dpmpp-2m':
      return dpmSolver(schedule, t, next, before);
  }
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
