/** Normal equations of a least-squares problem, collected row by row. */
export class LeastSquares {
  readonly #size: number;
  /** Row by row; only the part on and above the diagonal is filled. */
  readonly #matrix: Float64Array;
  readonly #right: Float64Array;

  constructor(unknowns: number) {
    this.#size = unknowns;
    this.#matrix = new Float64Array(unknowns * unknowns);
    this.#right = new Float64Array(unknowns);
  }

  /** Adds the equation coefficients . x = value. */
  add(coefficients: Float64Array, value: number): void {
    const size = this.#size;
    const matrix = this.#matrix;
    const right = this.#right;
    for (let row = 0; row < size; row++) {
      const coefficient = coefficients[row]!;
      for (let column = row; column < size; column++)
        matrix[row * size + column]! += coefficient * coefficients[column]!;
      right[row]! += coefficient * value;
    }
  }

  /**
   * Adds sums over equations: of the products of two unknowns' coefficients, row by row on and above
   * the diagonal, and of each one's coefficient times the value.
   */
  addSums(products: readonly number[], right: readonly number[]): void {
    let place = 0;
    for (let row = 0; row < this.#size; row++) {
      for (let column = row; column < this.#size; column++)
        this.#matrix[row * this.#size + column]! += products[place++]!;
      this.#right[row]! += right[row]!;
    }
  }

  /** The solution by elimination with pivots; undefined where the equations leave it open. */
  solve(): Float64Array | undefined {
    const entry = (row: number, column: number): number =>
      this.#matrix[Math.min(row, column) * this.#size + Math.max(row, column)]!;
    const rows = Array.from(this.#right, (value, row) => [
      ...Array.from(this.#right, (_, column) => entry(row, column)),
      value,
    ]);
    const scale = Math.max(...rows.map((line, row) => Math.abs(line[row]!)));
    for (let column = 0; column < this.#size; column++) {
      let pivot = column;
      for (let row = column + 1; row < this.#size; row++)
        if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
      [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
      const head = rows[column]![column]!;
      if (!(Math.abs(head) > 1e-12 * scale)) return undefined;
      for (let row = 0; row < this.#size; row++) {
        if (row === column) continue;
        const factor = rows[row]![column]! / head;
        for (let place = column; place <= this.#size; place++)
          rows[row]![place]! -= factor * rows[column]![place]!;
      }
    }
    return Float64Array.from(rows, (line, row) => line[this.#size]! / line[row]!);
  }
}
