import { scalar } from '../leaves.js';
import type { Value } from '../value.js';
import { add } from './add.js';
import { div } from './div.js';
import { erf } from './erf.js';
import { mul } from './mul.js';

/**
 * The exact Gaussian error linear unit, x Phi(x). ONNX Runtime knows this very chain, with the
 * division, and runs it as one operator.
 */
export function gelu(x: Value): Value {
  return mul(mul(x, add(erf(div(x, scalar(Math.SQRT2))), scalar(1))), scalar(0.5));
}
