import type { DataType, Tensor } from '../../tensor/tensor.js';

/** The name of the first tensor with an entry that is not finite. */
export function firstBad(
  tensors: Iterable<readonly [string, Tensor<DataType>]>,
): string | undefined {
  for (const [name, value] of tensors) if (!allFinite(value)) return name;
  return undefined;
}

function allFinite({ data }: Tensor<DataType>): boolean {
  return data instanceof Float32Array
    ? finiteSum(data)
    : Array.from(data, Number).every(Number.isFinite);
}

/**
 * A sum in double precision is finite exactly where all entries are. Four sums side by side take
 * less time than one, whose every addition waits for the one before.
 */
function finiteSum(data: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = data.length - (data.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += data[i]!;
    b += data[i + 1]!;
    c += data[i + 2]!;
    d += data[i + 3]!;
  }
  for (let i = whole; i < data.length; i += 1) a += data[i]!;
  return Number.isFinite(a + b + c + d);
}
