/** Normal equations of a least-squares problem, collected row by row. */
export class LeastSquares {
  readonly #size: number;
  readonly #matrix: Float64Array[];
  readonly #right: Float64Array;

  constructor(unknowns: number) {
    this.#size = unknowns;
    this.#matrix = Array.from({ length: unknowns }, () => new Float64Array(unknowns));
    this.#right = new Float64Array(unknowns);
  }

  /** Adds the equation coefficients . x = value. */
  add(coefficients: Float64Array, value: number): void {
    for (let row = 0; row < this.#size; row++) {
      const coefficient = coefficients[row]!;
      if (coefficient === 0) continue;
      const line = this.#matrix[row]!;
      for (let column = 0; column < this.#size; column++)
        line[column]! += coefficient * coefficients[column]!;
      this.#right[row]! += coefficient * value;
    }
  }

  /** The solution by elimination with pivots; undefined where the equations leave it open. */
  solve(): Float64Array | undefined {
    const rows = this.#matrix.map((line, row) => [...line, this.#right[row]!]);
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
        for (let entry = column; entry <= this.#size; entry++)
          rows[row]![entry]! -= factor * rows[column]![entry]!;
      }
    }
    return Float64Array.from(rows, (line, row) => line[this.#size]! / line[row]!);
  }
}
