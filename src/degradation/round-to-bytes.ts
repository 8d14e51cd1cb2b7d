/** Clamps values to [0, 1] and rounds them to multiples of 1/255, in place. */
export function roundToBytes(values: Float32Array): Float32Array {
  for (let at = 0; at < values.length; at++)
    values[at] = Math.floor(Math.min(1, Math.max(0, values[at]!)) * 255 + 0.5) / 255;
  return values;
}
