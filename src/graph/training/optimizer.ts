import { scalar } from '../leaves.js';
import { add, clip, concat, div, mul, reduceSum, reshape, sqrt, sub } from '../operators/index.js';
import type { Value } from '../value.js';

/** Constants of the Adam optimiser (Kingma and Ba, 2015). */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export const defaultAdam: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Factors of step k that the update needs, to be fed at each step. */
export interface AdamFactors {
  /** Learning rate / (1 - beta1^k). */
  readonly stepSize: number;
  /** sqrt(1 - beta2^k). */
  readonly secondCorrection: number;
}

/** The factors of step `k`, counted from 1. */
export function adamFactors(k: number, learningRate: number, settings = defaultAdam): AdamFactors {
  return {
    stepSize: learningRate / (1 - settings.beta1 ** k),
    secondCorrection: Math.sqrt(1 - settings.beta2 ** k),
  };
}

/** One parameter with its moments, before or after an update. */
export interface AdamState {
  readonly parameter: Value;
  readonly first: Value;
  readonly second: Value;
}

/** The factors of a step as values; `decay` is learning rate x weight decay, nothing if absent. */
export interface AdamInputs {
  readonly stepSize: Value;
  readonly secondCorrection: Value;
  readonly decay?: Value;
}

/**
 * One Adam update: m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2,
 * p' = (1 - decay) p - stepSize m' / (sqrt(v') / secondCorrection + epsilon). The decay is apart
 * from the gradient (AdamW: Loshchilov and Hutter, 2019).
 */
export function adamUpdate(
  { parameter, first, second }: AdamState,
  gradient: Value,
  factors: AdamInputs,
  { beta1, beta2, epsilon }: AdamSettings = defaultAdam,
): AdamState {
  const nextFirst = add(mul(first, scalar(beta1)), mul(gradient, scalar(1 - beta1)));
  const nextSecond = add(
    mul(second, scalar(beta2)),
    mul(mul(gradient, gradient), scalar(1 - beta2)),
  );
  const denominator = add(div(sqrt(nextSecond), factors.secondCorrection), scalar(epsilon));
  const change = mul(div(nextFirst, denominator), factors.stepSize);
  const { decay } = factors;
  const kept = decay === undefined ? parameter : mul(parameter, sub(scalar(1), decay));
  return { parameter: sub(kept, change), first: nextFirst, second: nextSecond };
}

/** Output of a training graph: the sum of squares of each gradient before it is shortened. */
export const SQUARES = 'gradientSquares';
/** Keeps the quotient finite where all gradients are 0. */
const TINY = 1e-12;

/**
 * Gradients times min(1, limit / norm), the norm being the Euclidean one of all of them together
 * (Pascanu et al., 2013), and the sum of squares of each before that, [number of gradients].
 */
export function clipToNorm(
  gradients: readonly Value[],
  limit: number,
): { readonly gradients: readonly Value[]; readonly squares: Value } {
  const squares = concat(
    gradients.map((gradient) => {
      const axes = gradient.shape.map((_, axis) => axis);
      return reshape(reduceSum(mul(gradient, gradient), axes, false), [1]);
    }),
    0,
  );
  const norm = sqrt(reduceSum(squares, [0], false));
  const factor = clip(div(scalar(limit), add(norm, scalar(TINY))), { minimum: 0, maximum: 1 });
  return { gradients: gradients.map((gradient) => mul(gradient, factor)), squares };
}
