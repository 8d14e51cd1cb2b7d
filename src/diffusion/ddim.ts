import { ParameterError } from '../tensor/errors.js';
import { checkTime, type Schedule } from './schedule.js';
import { addedNoise, type Transition } from './transitions.js';

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
