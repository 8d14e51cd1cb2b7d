/** One plane of a pyramid, row by row. */
export interface PyramidPlane {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** Binomial taps 1 4 6 4 1 over 16; the kernel is their outer product. */
const taps = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16] as const;

/**
 * The Laplacian pyramid of a plane (Burt and Adelson 1983), the finest level first: each level but
 * the last is the plane less its enlarged half, and the last is what is left. A half is every
 * second pixel of the plane filtered with the binomial kernel of 5 x 5 pixels; enlarging inserts
 * zeros and filters with four times that kernel. Planes are mirrored at their first and last pixel.
 * Halves of odd sides are rounded up.
 * @param levels at least 1.
 */
export function laplacianPyramid(plane: PyramidPlane, levels: number): PyramidPlane[] {
  const pyramid: PyramidPlane[] = [];
  let current = plane;
  for (let level = 1; level < levels; level++) {
    const half = halved(current);
    const smooth = enlarged(half, current.height, current.width);
    pyramid.push({
      ...current,
      data: current.data.map((value, index) => value - smooth[index]!),
    });
    current = half;
  }
  pyramid.push(current);
  return pyramid;
}

/** Side of the coarsest of so many levels. */
export function coarsestSide(side: number, levels: number): number {
  return Math.ceil(side / 2 ** (levels - 1));
}

function halved({ height, width, data }: PyramidPlane): PyramidPlane {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const across = new Float32Array(height * columns);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let tap = 0; tap < 5; tap++)
        sum += taps[tap]! * data[row * width + mirrored(2 * column + tap - 2, width)]!;
      across[row * columns + column] = sum;
    }
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let tap = 0; tap < 5; tap++) {
      const from = mirrored(2 * row + tap - 2, height) * columns;
      const weight = taps[tap]!;
      for (let column = 0; column < columns; column++)
        result[row * columns + column]! += weight * across[from + column]!;
    }
  return { height: rows, width: columns, data: result };
}

/** The plane of `height` x `width` pixels whose half this is, as far as the half tells. */
function enlarged(half: PyramidPlane, height: number, width: number): Float32Array {
  const { width: columns, data } = half;
  const across = new Float32Array(half.height * width);
  for (let row = 0; row < half.height; row++)
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let tap = column % 2; tap < 5; tap += 2)
        sum += 2 * taps[tap]! * data[row * columns + mirrored(column + tap - 2, width) / 2]!;
      across[row * width + column] = sum;
    }
  const result = new Float32Array(height * width);
  for (let row = 0; row < height; row++)
    for (let tap = row % 2; tap < 5; tap += 2) {
      const from = (mirrored(row + tap - 2, height) / 2) * width;
      const weight = 2 * taps[tap]!;
      for (let column = 0; column < width; column++)
        result[row * width + column]! += weight * across[from + column]!;
    }
  return result;
}

/** A place within 0..length - 1, mirrored at the first and the last one. */
function mirrored(place: number, length: number): number {
  if (length === 1) return 0;
  const inside = place < 0 ? -place : place;
  return inside < length ? inside : Math.abs(2 * (length - 1) - inside);
}
