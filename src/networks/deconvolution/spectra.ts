import { type Value, add, concat, mul, slice, sub } from '../../graph/index.js';

/** Real and imaginary parts of spectra [N, height, 2 F], each [N, height, F]. */
function parts(spectra: Value): readonly [real: Value, imaginary: Value] {
  const across = spectra.shape[2]! / 2;
  return [slice(spectra, 2, 0, across), slice(spectra, 2, across, 2 * across)];
}

/** The product of two spectra, that of a cyclic convolution. */
export function product(x: Value, y: Value): Value {
  const [[a, b], [c, d]] = [parts(x), parts(y)];
  return concat([sub(mul(a, c), mul(b, d)), add(mul(a, d), mul(b, c))], 2);
}

/** The product of the conjugate of x with y, that of a cyclic correlation. */
export function correlation(x: Value, y: Value): Value {
  const [[a, b], [c, d]] = [parts(x), parts(y)];
  return concat([add(mul(a, c), mul(b, d)), sub(mul(a, d), mul(b, c))], 2);
}

/** The squared magnitude of every frequency, for both of its parts. */
export function power(x: Value): Value {
  const [a, b] = parts(x);
  const squares = add(mul(a, a), mul(b, b));
  return concat([squares, squares], 2);
}
