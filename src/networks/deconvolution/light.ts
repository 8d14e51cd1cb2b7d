import { type Value, add, clip, div, exp, greater, log, mul, scalar, sub, where } from '../../graph/index.js';

// IEC 61966-2-1.
const OFFSET = 0.055;
const GAMMA = 2.4;
const SLOPE = 12.92;
const LINEAR_TO = 0.0031308;

/** Display values in [0, 1] as linear light. */
export function toLinear(x: Value): Value {
  const curve = power(div(add(x, scalar(OFFSET)), scalar(1 + OFFSET)), GAMMA);
  return where(greater(x, scalar(SLOPE * LINEAR_TO)), curve, div(x, scalar(SLOPE)));
}

/** Linear light, limited to [0, 1], as display values. */
export function toDisplay(x: Value): Value {
  const light = clip(x, { minimum: 0, maximum: 1 });
  const curve = sub(mul(power(light, 1 / GAMMA), scalar(1 + OFFSET)), scalar(OFFSET));
  return where(greater(light, scalar(LINEAR_TO)), curve, mul(light, scalar(SLOPE)));
}

/** Both branches of a choice are computed: logarithms of 0 are kept off. */
const LEAST = 1e-6;

/** x^exponent for x in [LEAST, 1]. */
function power(x: Value, exponent: number): Value {
  return exp(mul(log(clip(x, { minimum: LEAST, maximum: 1 })), scalar(exponent)));
}
