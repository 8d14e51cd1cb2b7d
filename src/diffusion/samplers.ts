import { ParameterError } from '../utils/errors.js';
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
function addedNoise(schedule: Schedule, t: number, s: number): number {
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

/**
 * DDIM's step from t to s with x_0 and x_t known (Song et al. 2021, equation 12). eta = 0 is
 * deterministic; eta = 1 is the posterior step of variance `small`. The residual
 * (x_t - sqrt(abar_t) x_0) / sqrt(1 - abar_t) is folded into the two coefficients.
 * @throws ParameterError where not 0 <= s < t <= T or eta is not in [0, 1].
 */
export function ddim(schedule: Schedule, t: number, s: number, eta: number): Transition {
  checkTime(schedule, 't', t);
  checkTime(schedule, 's', s, 0);
  if (s >= t) throw new ParameterError('s', `below t = ${t}`, s);
  checkEta(eta);
  if (s === 0) return { fromEstimate: 1, fromState: 0, variance: 0 };
  const { alphaBar, noiseVariance } = schedule;
  const added = addedNoise(schedule, t, s);
  const kept = alphaBar[t]! / alphaBar[s]!;
  const before = noiseVariance[s]!;
  const after = noiseVariance[t]!;
  // 1 - abar_s - variance over 1 - abar_t, then 1 - kept times that, both rearranged
  // so that nothing cancels as eta nears 1 or t nears 0.
  const square = (before * ((1 - eta * eta) * added + kept * before)) / (after * after);
  const rest = (added * (after + eta * eta * kept * before)) / (after * after);
  const fromState = Math.sqrt(square);
  return {
    fromEstimate: (Math.sqrt(alphaBar[s]!) * rest) / (1 + Math.sqrt(kept) * fromState),
    fromState,
    variance: (eta * eta * before * added) / after,
  };
}

/** @throws ParameterError where eta is not in [0, 1]. */
export function checkEta(eta: number): void {
  if (!(eta >= 0 && eta <= 1)) throw new ParameterError('eta', 'a number in [0, 1]', eta);
}

/**
 * A step of DPM-Solver++ (2M) from t to s (Lu et al. 2022, algorithm 2): the estimate is
 * extrapolated along lambda = log(sqrt(abar) / sqrt(1 - abar)) by means of the one made at the
 * earlier time `before`,
 *
 *     D = (1 + 1 / (2 r)) x_0(t) - 1 / (2 r) x_0(before),   r = (lambda_t - lambda_before) / h,
 *
 * with h = lambda_s - lambda_t, and takes the place of x_0 in the step of DDIM. The first step, which
 * has no estimate before it, and the last, where lambda has no bound, are of first order.
 * @throws ParameterError where not 0 <= s < t <= T.
 *
 * @example
 * const schedule = createSchedule();
 * const { fromEstimate, fromPrevious, fromState } = dpmSolver(schedule, 40, 20, 60);
 */
export function dpmSolver(
  schedule: Schedule,
  t: number,
  s: number,
  before: number | undefined,
): Transition {
  const first = ddim(schedule, t, s, 0);
  if (before === undefined || s === 0) return first;
  const lambda = (time: number): number => -Math.log(schedule.sigma[time]!);
  const ratio = (lambda(t) - lambda(before)) / (lambda(s) - lambda(t));
  const share = first.fromEstimate / (2 * ratio);
  return { ...first, fromEstimate: first.fromEstimate + share, fromPrevious: -share };
}
