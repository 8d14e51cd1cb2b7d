/** Eigenvalues and the matching orthonormal eigenvectors, vector by vector. */
export interface SymmetricEigen {
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
}

const mostSweeps = 60;

/** The eigen-decomposition of a symmetric matrix by Jacobi's cyclic rotations. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): SymmetricEigen {
  const size = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = a.map((_, index) => new Float64Array(size).fill(1, index, index + 1));
  for (let sweep = 0; sweep < mostSweeps && !isDiagonal(a); sweep++)
    for (let p = 0; p < size - 1; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, p, q);
  return { values: a.map((row, index) => row[index]!), vectors };
}

/** True where what lies beside the diagonal no longer changes it. */
function isDiagonal(a: readonly Float64Array[]): boolean {
  return a.every((row, index) =>
    row.every(
      (value, column) =>
        column === index ||
        Math.abs(value) <= 1e-18 * Math.sqrt(Math.abs(row[index]! * a[column]![column]!)),
    ),
  );
}

function rotate(a: Float64Array[], vectors: Float64Array[], p: number, q: number): void {
  const off = a[p]![q]!;
  if (off === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (const row of a) mix(row, row, p, q, cosine, sine);
  mixRows(a[p]!, a[q]!, cosine, sine);
  a[p]![q] = 0;
  a[q]![p] = 0;
  mixRows(vectors[p]!, vectors[q]!, cosine, sine);
}

function mix(
  first: Float64Array,
  second: Float64Array,
  p: number,
  q: number,
  cosine: number,
  sine: number,
): void {
  const [x, y] = [first[p]!, second[q]!];
  first[p] = cosine * x - sine * y;
  second[q] = sine * x + cosine * y;
}

function mixRows(first: Float64Array, second: Float64Array, cosine: number, sine: number): void {
  for (let index = 0; index < first.length; index++) mix(first, second, index, index, cosine, sine);
}
