/** Whether no value is NaN or infinite. */
export function allFinite(values: Float32Array | Float64Array): boolean {
  // Each finite value times zero adds nothing; any other makes the sum NaN.
  let witness = 0;
  for (let place = 0; place < values.length; place += 1) witness += values[place]! * 0;
  return witness === 0;
}
