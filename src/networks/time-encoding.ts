import { type Value, concat, constant, cos, mul, reshape, sin } from '../graph/index.js';
import { tensor } from '../tensor/tensor.js';

/**
 * Timesteps [N] as `values` numbers each, [N, values]: cosines, then sines, of
 * t / 10000^(2 i / values).
 * @param values even.
 */
export function timeEncoding(t: Value, values: number): Value {
  const half = values / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => 10000 ** (-i / half));
  const angles = mul(reshape(t, [t.shape[0]!, 1]), constant(tensor([1, half], frequencies)));
  return concat([cos(angles), sin(angles)], 1);
}
