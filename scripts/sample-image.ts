/** An 8-bit RGB image with a gradient, a disc and stripes, different in every channel. */
export function sampleImage(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inDisc = Math.hypot(x - width / 3, y - height / 2) < height / 4;
      const inStripe = x > width * 0.7 && y % 8 < 4;
      const at = 3 * (y * width + x);
      pixels[at] = inDisc ? 220 : Math.round((200 * x) / width);
      pixels[at + 1] = inStripe ? 40 : Math.round((220 * y) / height);
      pixels[at + 2] = inDisc ? 30 : 128;
    }
  return pixels;
}

/** Means over `size` x `size` blocks of an interleaved RGB image whose sides it divides. */
export function meanOverBlocks(
  pixels: Uint8Array,
  width: number,
  height: number,
  size: number,
): Float64Array {
  const columns = width / size;
  const means = new Float64Array(columns * (height / size) * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) {
        const block = Math.floor(y / size) * columns + Math.floor(x / size);
        means[3 * block + channel]! += pixels[3 * (y * width + x) + channel]! / (size * size);
      }
  return means;
}

/** Pearson's correlation; NaN where either side is constant or the lengths differ. */
export function correlation(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) return Number.NaN;
  const mean = (values: Float64Array) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [deltaA, deltaB] = [a[i]! - meanA, b[i]! - meanB];
    covariance += deltaA * deltaB;
    varianceA += deltaA * deltaA;
    varianceB += deltaB * deltaB;
  }
  return covariance / Math.sqrt(varianceA * varianceB);
}
