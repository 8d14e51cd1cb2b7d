import { type DataType, type Tensor, tensor } from './tensor.js';

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

/** The values of IEEE 754 binary16 bit patterns, subnormals, infinities and NaN included. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index++) {
    const half = bits[index]!;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const sign = half & 0x8000 ? -1 : 1;
    if (exponent === 0) values[index] = sign * fraction * 2 ** -24;
    else if (exponent < 31) values[index] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    else values[index] = fraction === 0 ? sign * Infinity : Number.NaN;
  }
  return values;
}

/** binary16 bit patterns of the values, rounded to nearest, ties to even; beyond 65520 infinity. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    real[0] = values[index]!;
    const sign = (word[0]! >>> 16) & 0x8000;
    const magnitude = word[0]! & 0x7fffffff;
    bits[index] = sign | halfMagnitude(magnitude);
  }
  return bits;
}

function halfMagnitude(magnitude: number): number {
  if (magnitude > 0x7f800000) return 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x477ff000) return 0x7c00;
  if (magnitude >= 0x38800000)
    return (magnitude + 0xfff + ((magnitude >>> 13) & 1) - 0x38000000) >>> 13;
  // In [0.5, 1) a float32 has the pitch of half subnormals, so that this addition rounds to it.
  word[0] = magnitude;
  real[0] = real[0]! + 0.5;
  return word[0]! - 0x3f000000;
}

/** The values of bfloat16 bit patterns: the upper halves of float32 words. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let index = 0; index < bits.length; index++) words[index] = bits[index]! << 16;
  return new Float32Array(words.buffer);
}

/** bfloat16 bit patterns of the values, rounded to nearest, ties to even; NaN stays NaN. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    real[0] = values[index]!;
    const pattern = word[0]!;
    const isNan = (pattern & 0x7fffffff) > 0x7f800000;
    bits[index] = isNan
      ? (pattern >>> 16) | 0x40
      : (pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16;
  }
  return bits;
}

/** The same numbers as float32, each rounded to nearest; the tensor itself where it is float32. */
export function toFloat32(source: Tensor<DataType>): Tensor {
  if (isType(source, 'float32')) return source;
  if (isType(source, 'float16')) return tensor(source.shape, float16ToFloat32(source.data));
  if (isType(source, 'bfloat16')) return tensor(source.shape, bfloat16ToFloat32(source.data));
  return tensor(source.shape, Float32Array.from(source.data as ArrayLike<number | bigint>, Number));
}

function isType<D extends DataType>(source: Tensor<DataType>, dataType: D): source is Tensor<D> {
  return source.dataType === dataType;
}
