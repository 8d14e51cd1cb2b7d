import { ParameterError } from '../tensor/errors.js';
import { checkTime, type Schedule } from './schedule.js';

/**
 * Variance of a reverse step: `large` is beta_t, `small` the exact posterior
 * (1 - abar_{t-1}) / (1 - abar_t) beta_t.
 */
export type VarianceKind = 'large' | 'small';

/**
 * A Gaussian step: next = fromEstimate * x_0 + fromState * x_t + sqrt(variance) z, and of a multistep
 * solver fromPrevious * (the estimate of x_0 one step before).
 */
export interface Transition {
  readonly fromEstimate: number;
  /** Default 0. */
  readonly fromPrevious?: number;
  readonly fromState: number;
  readonly variance: number;
}

/** The forward step from time s to a later t: x_t = signal * x_s + deviation * eps. */
export function forward(
  schedule: Schedule,
  t: number,
  s = 0,
): { readonly signal: number; readonly deviation: number } {
  checkTime(schedule, 't', t, 0);
  checkTime(schedule, 's', s, 0);
  if (s > t) throw new ParameterError('s', `at most t = ${t}`, s);
  return {
    signal: Math.sqrt(schedule.alphaBar[t]! / schedule.alphaBar[s]!),
    deviation: Math.sqrt(addedNoise(schedule, t, s)),
  };
}

/**
 * All reverse steps t, t - 1, ..., s + 1 with x_0 held fixed, as one Gaussian: exactly equal to
 * them in distribution (equations 8-11 of the DP-IR paper, summed). With s = t - 1 it is the
 * ordinary posterior step; with s = 0 the result is the estimate itself, without noise.
 * @throws ParameterError where not 0 <= s <= t <= T.
 */
export function reverse(
  schedule: Schedule,
  t: number,
  s: number,
  variance: VarianceKind,
): Transition {
  checkTime(schedule, 't', t);
  checkTime(schedule, 's', s, 0);
  if (s > t) throw new ParameterError('s', `at most t = ${t}`, s);
  if (s === 0) return { fromEstimate: 1, fromState: 0, variance: 0 };
  const { alphaBar, noiseVariance } = schedule;
  const kept = alphaBar[t]! / alphaBar[s]!;
  const added = addedNoise(schedule, t, s);
  const before = noiseVariance[s]!;
  const after = noiseVariance[t]!;
  return {
    fromEstimate: (Math.sqrt(alphaBar[s]!) * added) / after,
    fromState: (Math.sqrt(kept) * before) / after,
    variance: variance === 'small' ? (before * added) / after : largeVariance(schedule, t, s),
  };
}

/** 1 - abar_t / abar_s, the variance the forward process adds from s to t, without cancellation. */
export function addedNoise(schedule: Schedule, t: number, s: number): number {
  let kept = 1;
  let added = 0;
  for (let n = s + 1; n <= t; n++) {
    added += kept * schedule.beta[n]!;
    kept *= 1 - schedule.beta[n]!;
  }
  return added;
}

function largeVariance(schedule: Schedule, t: number, s: number): number {
  const { alphaBar, beta, noiseVariance } = schedule;
  let sum = 0;
  for (let n = s + 1; n <= t; n++) {
    const shrink = noiseVariance[s]! / noiseVariance[n - 1]!;
    sum += (alphaBar[n - 1]! / alphaBar[s]!) * shrink * shrink * beta[n]!;
  }
  return sum;
}
