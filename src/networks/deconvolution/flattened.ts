import { type Value, add, cast, div, greater, mul, reduceSum, scalar } from '../../graph/index.js';
import type { Fourier } from './fourier.js';
import { gathered, slopes } from './slopes.js';

/** The weight of the coupling grows from twice lambda by this factor in every round. */
const GROWTH = 4;
const LAST = 30;

/** Rounds after which the coupling is as strong as it is useful. */
export function roundsFor(lambda: number): number {
  return Math.ceil(Math.log(LAST / (2 * lambda)) / Math.log(GROWTH));
}

/**
 * Pictures [N, H, W] that have few edges and, blurred, are near the given ones: the minimum of
 * |k * x - y|^2 + lambda |{places where x has a slope}|, found by half-quadratic splitting (Xu, Lu,
 * Xu & Jia 2011; Xu, Zheng & Jia 2013). Small texture, which misleads estimates of the kernel, is
 * gone, and edges are steep.
 * @param kernels.matched spectra of the correlation of kernels with pictures.
 * @param kernels.power squared magnitudes of the kernels' spectra.
 * @param settings.lambdas [N, 1, 1].
 */
export function flattened(
  fourier: Fourier,
  pictures: Value,
  kernels: { readonly matched: Value; readonly power: Value },
  { lambdas, rounds }: { readonly lambdas: Value; readonly rounds: number },
): Value {
  let result = pictures;
  for (let round = 0; round < rounds; round++) {
    const coupling = mul(lambdas, scalar(2 * GROWTH ** round));
    const differences = slopes(fourier, result);
    const squares = reduceSum(mul(differences, differences), [1], true);
    const strong = cast(greater(squares, scalar(0.5 * GROWTH ** -round)), 'float32');
    const pull = mul(coupling, fourier.forward(gathered(mul(differences, strong))));
    const weight = add(kernels.power, mul(coupling, fourier.slopePower));
    result = fourier.inverse(div(add(kernels.matched, pull), weight));
  }
  return result;
}
