import { ParameterError } from '../utils/errors.js';
import { checkEta, type VarianceKind } from './samplers.js';
import { checkTime, type Schedule, timesteps } from './schedule.js';

/**
 * How the chain begins. `accelerated`: all steps from T to tau in one draw around the restored
 * image. `noised`: the restored image, forward-noised to tau (CCDF, SDEdit). `full`: pure
 * noise at tau = T.
 */
export type StartMode = 'accelerated' | 'noised' | 'full';

/**
 * `ancestral` draws from the (merged) posterior of each step, `ddim` follows DDIM with eta,
 * `dpmpp-2m` is DPM-Solver++ of second order, which extrapolates from the estimate before.
 */
export type SamplerKind = 'ancestral' | 'ddim' | 'dpmpp-2m';

/**
 * The noise level that denoiser and fusion network are told: `tracked`, the deviation that the state
 * really has, or `nominal`, the schedule's s_t, as in the paper. Variance `large` leaves more noise
 * in the state than s_t.
 */
export type NoiseLevelKind = 'tracked' | 'nominal';

/** Everything that fixes a chain besides its schedule, modules and noise. Plain JSON. */
export interface SamplerSettings {
  /** The time the chain starts at, in 1..T. */
  readonly tau: number;
  /** N, the number of estimates, in 1..tau. With the restoration network: NFE = N + 1. */
  readonly steps: number;
  readonly start: StartMode;
  readonly sampler: SamplerKind;
  /** DDIM's share of fresh noise, in [0, 1]; 0 for `ancestral`. */
  readonly eta: number;
  /** Variance of ancestral steps and of the accelerated start. */
  readonly variance: VarianceKind;
  /** What the modules are told about the noise. */
  readonly noiseLevel: NoiseLevelKind;
}

/** What a user asks for; `undefined` means the default. */
export type SamplerRequest = {
  readonly [K in keyof SamplerSettings]?: SamplerSettings[K] | undefined;
};

/** What bounds a request. */
export interface SamplerContext {
  readonly schedule: Schedule;
  /** The pack's own values for what the request leaves open. */
  readonly defaults?: SamplerRequest;
  /** The largest t that the modules were trained for. */
  readonly tMax?: number;
  /** Go beyond `tMax` all the same; the result is then marked. */
  readonly allowBeyondTraining?: boolean;
}

/** Complete settings, and whether they leave the range that the modules were trained for. */
export interface ResolvedSampler {
  readonly settings: SamplerSettings;
  readonly beyondTraining: boolean;
}

export const startModes = ['accelerated', 'noised', 'full'] as const satisfies readonly StartMode[];
export const samplerKinds = [
  ...(['ancestral', 'ddim', 'dpmpp-2m'] as const satisfies readonly SamplerKind[]),
] as const;
export const varianceKinds = ['large', 'small'] as const satisfies readonly VarianceKind[];
export const noiseLevelKinds = ['tracked', 'nominal'] as const satisfies readonly NoiseLevelKind[];
/** The names of all settings of a chain. */
export const samplerSettingNames = [
  ...(['tau', 'steps', 'start', 'sampler', 'eta', 'variance', 'noiseLevel'] as const),
] as const satisfies readonly (keyof SamplerSettings)[];

/**
 * Completes and checks a request. A `full` start means tau = T. Steps default to tau, or to the
 * pack's number where that is less; eta defaults to 0, the variance to `large` and the noise level to
 * `tracked`. Unless a sampler is named, a positive eta asks for DDIM, and otherwise the pack's sampler
 * counts or, where it has none, N = tau is sampled ancestrally and N < tau by DDIM.
 * @throws ParameterError for a value out of range, for contradictions, and for a tau above tMax
 * that was not allowed.
 */
export function resolveSampler(request: SamplerRequest, context: SamplerContext): ResolvedSampler {
  const { schedule, defaults = {}, tMax, allowBeyondTraining = false } = context;
  const start = oneOf('start', request.start ?? defaults.start ?? 'accelerated', startModes);
  const tau = resolveTau(request, start, schedule, defaults);
  const steps = request.steps ?? Math.min(defaults.steps ?? tau, tau);
  timesteps(tau, steps);
  const eta = request.eta ?? defaults.eta ?? 0;
  checkEta(eta);
  const fallback = steps === tau && eta === 0 ? 'ancestral' : 'ddim';
  const implied = request.eta !== undefined && request.eta > 0 ? 'ddim' : defaults.sampler;
  const sampler = oneOf('sampler', request.sampler ?? implied ?? fallback, samplerKinds);
  if (sampler !== 'ddim' && request.eta !== undefined && request.eta !== 0)
    throw new ParameterError('eta', `0 with the sampler ${sampler}`, eta, 'Choose sampler "ddim".');
  const variance = oneOf(
    'variance',
    request.variance ?? defaults.variance ?? 'large',
    varianceKinds,
  );
  const noiseLevel = oneOf(
    'noiseLevel',
    request.noiseLevel ?? defaults.noiseLevel ?? 'tracked',
    noiseLevelKinds,
  );
  const beyondTraining = tMax !== undefined && tau > tMax;
  if (beyondTraining && !allowBeyondTraining)
    throw new ParameterError(
      'tau',
      `at most ${tMax}, the largest t these modules were trained for`,
      tau,
      'Lower tau, or ask to go beyond the training range; such results are marked.',
    );
  const settings = {
    tau,
    steps,
    start,
    sampler,
    eta: sampler === 'ddim' ? eta : 0,
    variance,
    noiseLevel,
  };
  return { settings, beyondTraining };
}

function resolveTau(
  request: SamplerRequest,
  start: StartMode,
  schedule: Schedule,
  defaults: SamplerRequest,
): number {
  if (start === 'full') {
    if (request.tau !== undefined && request.tau !== schedule.steps)
      throw new ParameterError(
        'tau',
        `${schedule.steps} with the full start, which begins at T`,
        request.tau,
        'Leave tau out, or choose another start.',
      );
    return schedule.steps;
  }
  const tau = request.tau ?? defaults.tau;
  if (tau === undefined)
    throw new ParameterError('tau', `an integer in 1..${schedule.steps}`, undefined);
  checkTime(schedule, 'tau', tau);
  return tau;
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new ParameterError(name, allowed.join(', '), value);
  return found;
}
