import { ModelError } from '../tensor/errors.js';
import { toFloat32 } from '../tensor/half.js';
import type { DataType, Tensor } from '../tensor/tensor.js';

/**
 * A checkpoint's tensor as float32. Half precisions and small integers are exact, double precision
 * is rounded to nearest.
 * @param subject what messages call the checkpoint.
 * @throws ModelError where a finite double is beyond the range of float32, or an integer has no
 * float32 of its own.
 */
export function widen(source: Tensor<DataType>, key: string, subject: string): Tensor {
  const wide = toFloat32(source);
  if (source.dataType === 'float64') {
    const values = source.data as Float64Array;
    const place = values.findIndex(
      (value, index) => Number.isFinite(value) && !Number.isFinite(wide.data[index]!),
    );
    if (place >= 0) throw misfit(subject, key, place, values[place]!);
  } else if (source.dataType === 'int64' || source.dataType === 'int32') {
    const values = source.data as Int32Array | BigInt64Array;
    for (const [place, value] of values.entries())
      if (BigInt(wide.data[place]!) !== BigInt(value)) throw misfit(subject, key, place, value);
  }
  return wide;
}

function misfit(subject: string, key: string, place: number, value: number | bigint): ModelError {
  return new ModelError(subject, `${key}[${place}] is ${value}, which does not fit float32`, {
    expected: 'a number that float32 can hold',
    received: String(value),
  });
}
