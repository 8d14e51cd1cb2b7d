import {
  abs,
  add,
  concat,
  constant,
  conv2d,
  exp,
  leakyRelu,
  log,
  mul,
  neg,
  type ParameterScope,
  pixelUnshuffle,
  reduceMean,
  reduceSum,
  relu,
  scalar,
  slice,
  stopGradient,
  sub,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import type { AdversarialSettings } from '../recipe.js';

/**
 * How many times as far as the network's a discriminator's kernels move in a step of Adam: two time
 * scales (Heusel et al. 2017), so that it keeps up with what the network tries.
 */
const PACE = 4;
const UNSHUFFLE = 2;
const SLOPE = 0.2;
/** Deviation of the noise under which the discriminator's answers are to stay alike. */
const PENALTY_SIGMA = 0.01;
/** Of photographs in [0, 1] units. */
const MEAN = 0.45;
const DEVIATION = 0.25;

/** What a discriminator makes of images: logits [N, 1, h, w] per scale, and the features below them. */
interface Judgement {
  readonly logits: readonly Value[];
  readonly features: readonly Value[];
}

/** Declares parameters, or gives those declared before as constants. */
type Kernels = (name: string, shape: readonly number[]) => { weight: Value; bias: Value };

/** Images of an adversarial loss, all [N, 3, S, S]. */
export interface AdversarialImages {
  readonly estimate: Value;
  readonly target: Value;
  /** Standard normal deviates, for the penalty. */
  readonly noise: Value;
}

/**
 * The losses of a generator and of the discriminator that it is trained against, as one sum whose
 * gradients do not mix: parameters of the discriminator get those of its own loss, the estimate
 * those of the generator's, so that one Adam step trains both.
 *
 * The discriminator is a patch discriminator (Isola et al. 2017) with logits at a half, a quarter and
 * so on of the resolution, one scale per entry of `widths`. It sees luma alone, since it asks for
 * coloured grain otherwise, and not what the estimate was made from: shown the difference, it takes
 * halos along edges for true detail. Both losses are relativistic (Jolicoeur-Martineau 2019) and
 * compare estimate and target of one place:
 *
 *     discriminator: softplus(D(estimate) - D(target)) + penalty mean((D(target + n) - D(target))^2)
 *     generator:     weight softplus(D(target) - D(estimate)) + features mean |f(estimate) - f(target)|
 *
 * with n white noise of deviation 0.01: to first order its penalty is that on the gradient at true
 * images (R1, Mescheder et al. 2018), without a second derivative.
 * @param scope where the discriminator's parameters are declared.
 */
export function adversarialLoss(
  { weight, features, penalty, widths }: AdversarialSettings,
  scope: ParameterScope,
  { estimate, target, noise }: AdversarialImages,
): Value {
  const learned: Kernels = (name, shape) => {
    const layer = scope.child(name);
    const deviation = spreadOf(shape) / PACE;
    return {
      weight: mul(layer.parameter('weight', shape, { kind: 'normal', deviation }), scalar(PACE)),
      bias: mul(layer.parameter('bias', [shape[0]!], { kind: 'zeros' }), scalar(PACE)),
    };
  };
  const held: Kernels = (name, shape) => {
    const own = learned(name, shape);
    return { weight: stopGradient(own.weight), bias: stopGradient(own.bias) };
  };
  const batch = target.shape[0]!;
  const perturbed = add(target, mul(noise, scalar(PENALTY_SIGMA)));
  const seen = [target, stopGradient(estimate), ...(penalty > 0 ? [perturbed] : [])];
  const together = discriminate(widths, learned, concat(seen, 0));
  const part = (value: Value, index: number): Value =>
    slice(value, 0, index * batch, (index + 1) * batch);
  const judged = discriminate(widths, held, estimate);

  const terms: Value[] = [];
  for (const [scale, logits] of together.logits.entries()) {
    const [real, fake] = [part(logits, 0), part(logits, 1)];
    terms.push(mean(softplus(sub(fake, real))));
    if (penalty > 0) {
      const change = sub(part(logits, 2), real);
      terms.push(mul(mean(mul(change, change)), scalar(penalty)));
    }
    const margin = sub(stopGradient(real), judged.logits[scale]!);
    terms.push(mul(mean(softplus(margin)), scalar(weight)));
  }
  if (features > 0)
    for (const [layer, found] of judged.features.entries()) {
      const wanted = stopGradient(part(together.features[layer]!, 0));
      const share = features / judged.features.length;
      terms.push(mul(mean(abs(sub(found, wanted))), scalar(share)));
    }
  return terms.reduce((sum, term) => add(sum, term));
}

function discriminate(widths: readonly number[], kernels: Kernels, image: Value): Judgement {
  const layer = (name: string, x: Value, filters: number, stride = 1): Value => {
    const depth = x.shape[1]!;
    const { weight, bias } = kernels(name, [filters, depth, 3, 3]);
    return conv2d(x, weight, bias, { stride, padding: 1 });
  };
  let x = pixelUnshuffle(mul(sub(luma(image), scalar(MEAN)), scalar(1 / DEVIATION)), UNSHUFFLE);
  const logits: Value[] = [];
  const features: Value[] = [];
  for (const [scale, width] of widths.entries()) {
    const name = `scales.${scale}`;
    x = leakyRelu(layer(`${name}.first`, x, width, scale === 0 ? 1 : 2), SLOPE);
    x = leakyRelu(layer(`${name}.second`, x, width), SLOPE);
    features.push(x);
    logits.push(layer(`${name}.logit`, x, 1));
  }
  return { logits, features };
}

/** [N, 1, H, W] of RGB, by the weights of ITU-R BT.601. */
function luma(image: Value): Value {
  const weights = tensor([1, 3, 1, 1], [0.299, 0.587, 0.114]);
  return reduceSum(mul(image, constant(weights)), [1], true);
}

/** Keeps the variance of features from layer to layer (He et al. 2015). */
function spreadOf([, depth = 1, rows = 1, columns = 1]: readonly number[]): number {
  return Math.sqrt(2 / ((1 + SLOPE ** 2) * depth * rows * columns));
}

/** log(1 + e^x), without overflow. */
function softplus(x: Value): Value {
  return add(relu(x), log(add(scalar(1), exp(neg(abs(x))))));
}

function mean(value: Value): Value {
  return reduceMean(
    value,
    value.shape.map((_, axis) => axis),
    false,
  );
}
