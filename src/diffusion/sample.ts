import { CancelledError, ModelError, ParameterError } from '../utils/errors.js';
import type { PlannedStep, SamplerPlan } from './plan.js';

/** What an estimate of x_0 is made from. */
export interface EstimateRequest {
  /** x_t, to be read only; x[i] / signal is the image plus noise of deviation `sigma`. */
  readonly x: Float64Array;
  /** sqrt(abar_t). */
  readonly signal: number;
  readonly sigma: number;
  /** The time whose noise level is `sigma`, between whole ones too. */
  readonly t: number;
  /** 0 for the first evaluation. */
  readonly index: number;
}

/**
 * Estimates E[x_0 | y, x_t] as long as `x`, not clamped. The array is read before the next call
 * and not kept, so one buffer may serve every step.
 */
export type Estimate = (request: EstimateRequest) => State | Promise<State>;

/** The chain at one evaluation. The arrays are the sampler's own: copy what you keep. */
export interface StepReport {
  readonly index: number;
  /** N, the number of steps of the chain. */
  readonly steps: number;
  readonly t: number;
  /** The time of the draw that follows; 0 for the last. */
  readonly next: number;
  /** Deviation of the noise in x_t / sqrt(abar_t) as the modules were told it. */
  readonly sigma: number;
  /** The time that they were told with it. */
  readonly conditioningTime: number;
  /** x_t, before the draw. */
  readonly x: Float64Array;
  /** The estimate of x_0 made from it. */
  readonly estimate: State;
  /** Estimates made so far, this one included. */
  readonly evaluations: number;
}

export interface SampleOptions {
  readonly plan: SamplerPlan;
  /** Number of elements of the state. */
  readonly length: number;
  /** x_IR, which the accelerated and the noised start are drawn around; not kept. */
  readonly restored?: State | undefined;
  readonly estimate: Estimate;
  readonly noise: NoiseSource;
  readonly onStep?: ((report: StepReport) => void | Promise<void>) | undefined;
  /** Called between steps and within long draws; throws to stop. */
  readonly checkpoint?: (() => void | Promise<void>) | undefined;
  /** Read at the same moments; CancelledError is thrown once it is aborted. */
  readonly signal?: { readonly aborted: boolean } | undefined;
}

export interface SampleResult {
  /** x_0, not clamped. */
  readonly x: Float64Array;
  /** Estimates made, as counted by the sampler. */
  readonly evaluations: number;
  /** `evaluations` plus one for the restoration network, which runs before the chain. */
  readonly nfe: number;
}

/**
 * Runs a planned chain from its start to t = 0 in double precision. The state is updated in
 * place; besides it only a small buffer of noise is allocated.
 * @throws ParameterError for wrong lengths, ModelError for an estimate that is not finite or of
 * another length, CancelledError, and whatever the injected functions throw.
 */
export async function sample(options: SampleOptions): Promise<SampleResult> {
  const { plan, length, restored, noise, onStep } = options;
  if (!Number.isInteger(length) || length < 1)
    throw new ParameterError('length', 'an integer from 1', length);
  const needed = plan.start.fromEstimate !== 0;
  if (needed && restored?.length !== length)
    throw new ParameterError('restored', `${length} elements`, restored?.length);
  const pause = async () => {
    if (options.signal?.aborted) throw new CancelledError('sampling');
    await options.checkpoint?.();
  };

  const x = new Float64Array(length);
  const { time, fromEstimate, deviation } = plan.start;
  const source = needed ? { factor: fromEstimate, image: restored! } : undefined;
  await pause();
  if (!(await advance(x, [source, undefined], 0, deviation, noise, time, pause)))
    throw new ModelError('restored image', 'holds a value that is not finite');

  let evaluations = 0;
  // The estimate before, where a step reads it: what makes estimates may use its array again.
  let previous: State | undefined;
  for (const [place, step] of plan.steps.entries()) {
    await pause();
    const estimate = await evaluate(options.estimate, step, x);
    evaluations += 1;
    const { index, t, next, sigma, conditioningTime, transition } = step;
    await onStep?.({
      index,
      steps: plan.steps.length,
      t,
      next,
      sigma,
      conditioningTime,
      x,
      estimate,
      evaluations,
    });
    const spread = Math.sqrt(transition.variance);
    const { fromEstimate: factor, fromPrevious } = transition;
    const before =
      fromPrevious === undefined ? undefined : { factor: fromPrevious, image: previous! };
    const terms: Terms = [{ factor, image: estimate }, before];
    if (!(await advance(x, terms, transition.fromState, spread, noise, next, pause)))
      throw new ModelError('estimate', `holds a value that is not finite at t = ${t}`);
    const isRead = plan.steps[place + 1]?.transition.fromPrevious !== undefined;
    previous = isRead ? estimate.slice() : undefined;
  }
  return { x, evaluations, nfe: evaluations + 1 };
}

async function evaluate(estimate: Estimate, step: PlannedStep, x: Float64Array): Promise<State> {
  const { signal, sigma, conditioningTime: t, index } = step;
  const values = await estimate({ x, signal, sigma, t, index });
  if (values.length !== x.length)
    throw new ModelError('estimate', `expected ${x.length} elements, received ${values.length}`);
  return values;
}

/** An image's samples, flat. */
export type State = Float32Array | Float64Array;

/**
 * Injected noise: fills `target` with standard normal deviates for the flat elements first,
 * first + 1, ... of the state. `time` is the t at which the drawn state arrives (tau for the
 * start), so each time has its own field and chains of different strides share the noise of the
 * times they have in common.
 */
export type NoiseSource = (time: number, first: number, target: Float64Array) => void;

const noiseChunk = 8192;
const chunksBetweenPauses = 128;

/** One image with its factor in a sum. */
export interface Term {
  readonly factor: number;
  readonly image: State;
}

/** The estimate and, of a multistep solver, the one before. */
export type Terms = readonly [estimate: Term | undefined, previous: Term | undefined];

/**
 * x <- fromState * x + the sum of the terms + deviation * z, in place and in pieces, with a `pause`
 * every million elements.
 * @returns whether every new value is finite.
 */
async function advance(
  x: Float64Array,
  terms: Terms,
  fromState: number,
  deviation: number,
  noise: NoiseSource,
  time: number,
  pause: () => Promise<void>,
): Promise<boolean> {
  const buffer = new Float64Array(Math.min(noiseChunk, x.length));
  // Adds 0 for each finite value and NaN for any other.
  let witness = 0;
  for (let first = 0, chunk = 0; first < x.length; first += noiseChunk, chunk++) {
    if (chunk > 0 && chunk % chunksBetweenPauses === 0) await pause();
    const end = Math.min(first + noiseChunk, x.length);
    const z = buffer.subarray(0, end - first);
    if (deviation > 0) noise(time, first, z);
    witness += combine(x, terms, fromState, deviation, z, first, end);
  }
  return witness === 0;
}

function combine(
  x: Float64Array,
  terms: Terms,
  fromState: number,
  deviation: number,
  z: Float64Array,
  first: number,
  end: number,
): number {
  const [estimate, previous] = terms;
  let witness = 0;
  for (let i = first; i < end; i++) {
    const known = estimate === undefined ? 0 : estimate.factor * estimate.image[i]!;
    let value = known + fromState * x[i]! + deviation * z[i - first]!;
    if (previous !== undefined) value += previous.factor * previous.image[i]!;
    x[i] = value;
    witness += value * 0;
  }
  return witness;
}
