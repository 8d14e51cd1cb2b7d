import { type Value, add, concat, constant, matmul, mul, reshape, slice, sub, transpose } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { fourierMatrices } from './fourier-matrices.js';

/** Rows and columns of the patches that are transformed. */
export const PATCH = 8;

/** Frequencies of a patch along each axis: the other half is their mirror image. */
export const FREQUENCIES = [PATCH, PATCH / 2 + 1] as const;

const matrices = fourierMatrices(PATCH);
const forward = constant(
  tensor([PATCH ** 2, matrices.numbers], Float32Array.from(matrices.forward)),
);
const inverse = constant(
  tensor([matrices.numbers, PATCH ** 2], Float32Array.from(matrices.inverse)),
);

/**
 * [N, C, H, W], with sides that are multiples of 8, to the spectra of its 8 x 8 patches,
 * [N, C, patches, 80]: 40 real parts, then 40 imaginary parts.
 */
export function patchSpectra(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [down, across] = [height / PATCH, width / PATCH];
  const cut = reshape(x, [batch, channels, down, PATCH, across, PATCH]);
  const patches = transpose(cut, [0, 1, 2, 4, 3, 5]);
  return matmul(reshape(patches, [batch, channels, down * across, PATCH ** 2]), forward);
}

/** The picture [N, C, height, width] whose patches have these spectra. */
export function fromPatchSpectra(spectra: Value, height: number, width: number): Value {
  const [batch, channels] = spectra.shape as [number, number];
  const [down, across] = [height / PATCH, width / PATCH];
  const patches = reshape(matmul(spectra, inverse), [batch, channels, down, across, PATCH, PATCH]);
  return reshape(transpose(patches, [0, 1, 2, 4, 3, 5]), [batch, channels, height, width]);
}

/** The product of two spectra, frequency by frequency: that of the patches' cyclic convolution. */
export function multiplySpectra(x: Value, y: Value): Value {
  const [[a, b], [c, d]] = [parts(x), parts(y)];
  return concat([sub(mul(a, c), mul(b, d)), add(mul(a, d), mul(b, c))], 3);
}

/** Spectra times one real number per channel and frequency; `factors` is [C, 1, 1, 8, 5]. */
export function filterSpectra(spectra: Value, factors: Value): Value {
  const flat = reshape(factors, [factors.shape[0]!, 1, matrices.numbers / 2]);
  return mul(spectra, concat([flat, flat], 2));
}

function parts(spectra: Value): [real: Value, imaginary: Value] {
  const half = matrices.numbers / 2;
  return [slice(spectra, 3, 0, half), slice(spectra, 3, half, matrices.numbers)];
}
