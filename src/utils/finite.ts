/** Numbers of any type; integers are always finite. */
type Values = Float32Array | Float64Array | ArrayLike<number> | ArrayLike<bigint>;

/** Whether no value is NaN or infinite. */
export function allFinite(values: Values): boolean {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return true;
  // A finite value times zero adds nothing; any other makes a sum NaN. Four sums side by side are
  // faster than one, whose every addition waits for the one before.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i]! * 0;
    b += values[i + 1]! * 0;
    c += values[i + 2]! * 0;
    d += values[i + 3]! * 0;
  }
  for (let i = whole; i < values.length; i += 1) a += values[i]! * 0;
  return a + b + c + d === 0;
}

/** The name of the first tensor with a value that is NaN or infinite. */
export function firstNotFinite(
  tensors: Iterable<readonly [string, { readonly data: Values }]>,
): string | undefined {
  for (const [name, { data }] of tensors) if (!allFinite(data)) return name;
  return undefined;
}
