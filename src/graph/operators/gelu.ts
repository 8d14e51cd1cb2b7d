import { scalar } from '../leaves.js';
import type { Value } from '../value.js';
import { add } from './add.js';
import { erf } from './erf.js';
import { mul } from './mul.js';

/** The exact Gaussian error linear unit, x Phi(x). */
export function gelu(x: Value): Value {
  return mul(mul(x, add(erf(mul(x, scalar(Math.SQRT1_2))), scalar(1))), scalar(0.5));
}
