import { tensor } from '../../tensor/tensor.js';
import type { OnnxEmitter } from '../lowering/onnx-emitter.js';

/** pi in two parts: half-integer multiples of the first up to 2^14 are exact in float32. */
const PI_HIGH = 3.140625;
const PI_LOW = Math.PI - PI_HIGH;
/** Series of sin(r) / r in r^2; what is left out is below 6e-8 for |r| <= pi / 2. */
const SERIES = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800];

/**
 * The sine of x, or its cosine, from sums and products: GPUs promise 2^-11 for their own and only
 * within a period, which is enough to send a rectifier or a maximum the other way. Places are
 * counted from the nearest zero, k pi or (k + 1/2) pi, at which the result goes up or down with k.
 */
export function lowerSine(emitter: OnnxEmitter, x: string, kind: 'sin' | 'cos'): string {
  const number = (value: number): string => emitter.constant(tensor([], [value]));
  const add = (a: string, b: string): string => emitter.node('Add', [a, b]);
  const sub = (a: string, b: string): string => emitter.node('Sub', [a, b]);
  const mul = (a: string, b: string): string => emitter.node('Mul', [a, b]);
  const floor = (a: string): string => emitter.node('Floor', [a]);
  const half = number(0.5);
  const turns = mul(x, number(1 / Math.PI));
  const k = floor(kind === 'sin' ? add(turns, half) : turns);
  const zero = kind === 'sin' ? k : add(k, half);
  const r = sub(sub(x, mul(zero, number(PI_HIGH))), mul(zero, number(PI_LOW)));
  const square = mul(r, r);
  const series = SERIES.slice(0, -1).reduceRight(
    (sum, coefficient) => add(mul(sum, square), number(coefficient)),
    number(SERIES.at(-1)!),
  );
  const odd = sub(k, mul(floor(mul(k, half)), number(2)));
  const direction = add(mul(odd, number(kind === 'sin' ? -2 : 2)), number(kind === 'sin' ? 1 : -1));
  return mul(mul(r, series), direction);
}
