import { ddim } from './ddim.js';
import type { Schedule } from './schedule.js';
import type { Transition } from './transitions.js';

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
