import { ParameterError } from '../utils/errors.js';

/** A noise schedule as it is written into a pack: everything follows from it. */
export type ScheduleSettings =
  | {
      readonly kind: 'linear';
      readonly steps: number;
      readonly betaStart: number;
      readonly betaEnd: number;
    }
  | { readonly kind: 'cosine'; readonly steps: number; readonly maxBeta?: number }
  | { readonly kind: 'betas'; readonly betas: readonly number[] };

/**
 * The figures of a schedule at t = 0..steps; t is 1-based and 0 is the clean image.
 * With abar the product of alpha: x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps.
 */
export interface Schedule {
  /** T, the largest t. */
  readonly steps: number;
  /** beta[0] = 0. */
  readonly beta: Float64Array;
  /** alphaBar[0] = 1. */
  readonly alphaBar: Float64Array;
  /** 1 - alphaBar, summed rather than subtracted, so that small t keep their digits. */
  readonly noiseVariance: Float64Array;
  /** Standard deviation of the noise on x_t / sqrt(alphaBar_t), which the denoiser sees. */
  readonly sigma: Float64Array;
}

/** DDPM's schedule, which the paper uses: beta from 1e-4 to 2e-2 over 1000 steps. */
export const linearSchedule: ScheduleSettings = {
  kind: 'linear',
  steps: 1000,
  betaStart: 1e-4,
  betaEnd: 2e-2,
};

/**
 * The figures of a schedule in double precision. `cosine` is that of Nichol & Dhariwal (2021)
 * with offset 0.008 and beta at most `maxBeta` (0.999).
 * @throws ParameterError where there is no step or a beta is not in (0, 1).
 */
export function createSchedule(settings: ScheduleSettings = linearSchedule): Schedule {
  const betas = betasOf(settings);
  const steps = betas.length;
  const beta = new Float64Array(steps + 1);
  const alphaBar = new Float64Array(steps + 1);
  const noiseVariance = new Float64Array(steps + 1);
  const sigma = new Float64Array(steps + 1);
  alphaBar[0] = 1;
  for (let t = 1; t <= steps; t++) {
    const b = betas[t - 1]!;
    if (!(b > 0 && b < 1)) throw new ParameterError(`betas[${t - 1}]`, 'a number in (0, 1)', b);
    beta[t] = b;
    alphaBar[t] = alphaBar[t - 1]! * (1 - b);
    noiseVariance[t] = noiseVariance[t - 1]! + alphaBar[t - 1]! * b;
    sigma[t] = Math.sqrt(noiseVariance[t]! / alphaBar[t]!);
  }
  if (!(alphaBar[steps]! > 0))
    throw new ParameterError('schedule', 'a product of 1 - beta above 0', alphaBar[steps]);
  return { steps, beta, alphaBar, noiseVariance, sigma };
}

/**
 * Refuses a time outside minimum..steps of a schedule.
 * @throws ParameterError naming the parameter.
 */
export function checkTime(schedule: Schedule, name: string, t: number, minimum = 1): void {
  if (!Number.isInteger(t) || t < minimum || t > schedule.steps)
    throw new ParameterError(name, `an integer in ${minimum}..${schedule.steps}`, t);
}

/**
 * The time, between whole ones too, at which x_t / sqrt(abar_t) has noise of a deviation: the
 * inverse of `sigma`, interpolated linearly between whole times, 0 for none and at most T.
 *
 * @example
 * const schedule = createSchedule();
 * timeOfSigma(schedule, schedule.sigma[20]!); // 20
 */
export function timeOfSigma({ sigma, steps }: Schedule, deviation: number): number {
  let [low, high] = [0, steps];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sigma[middle]! <= deviation) low = middle;
    else high = middle;
  }
  const share = (deviation - sigma[low]!) / (sigma[high]! - sigma[low]!);
  return Math.min(steps, low + Math.max(0, share));
}

function betasOf(settings: ScheduleSettings): readonly number[] {
  if (settings.kind === 'betas') {
    if (settings.betas.length === 0) throw new ParameterError('betas', 'at least one', []);
    return settings.betas;
  }
  const { steps } = settings;
  if (!Number.isInteger(steps) || steps < 1 || steps > 1_000_000)
    throw new ParameterError('schedule.steps', 'an integer in 1..1000000', steps);
  if (settings.kind === 'linear') {
    const { betaStart, betaEnd } = settings;
    return Array.from({ length: steps }, (_, i) =>
      steps === 1 ? betaStart : betaStart + ((betaEnd - betaStart) * i) / (steps - 1),
    );
  }
  if (settings.kind !== 'cosine')
    throw new ParameterError(
      'schedule.kind',
      '"linear", "cosine" or "betas"',
      (settings as { kind: unknown }).kind,
    );
  const { maxBeta = 0.999 } = settings;
  const level = (t: number) => cosine((((t / steps + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  return Array.from({ length: steps }, (_, i) => Math.min(1 - level(i + 1) / level(i), maxBeta));
}

/** Taylor's series for [0, pi / 2]: Math.cos may round differently in each engine. */
function cosine(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 2; k <= 26; k += 2) {
    term *= (-x * x) / (k * (k - 1));
    sum += term;
  }
  return sum;
}

/**
 * The times at which the estimate is evaluated: round(tau (N - i) / N) for i = 0..N - 1, halves
 * upwards. Strictly falling from tau; after the last one comes 0.
 * @throws ParameterError where not 1 <= steps <= tau.
 */
export function timesteps(tau: number, steps: number): number[] {
  if (!Number.isInteger(tau) || tau < 1) throw new ParameterError('tau', 'an integer from 1', tau);
  if (!Number.isInteger(steps) || steps < 1 || steps > tau)
    throw new ParameterError('steps', `an integer in 1..tau = ${tau}`, steps);
  return Array.from({ length: steps }, (_, i) => Math.round((tau * (steps - i)) / steps));
}
