/** Where an enlarged pixel lies between the centres of stored ones. */
export class Corners {
  readonly #width: number;
  readonly #rows: readonly Between[];
  readonly #columns: readonly Between[];
  readonly #places = [0, 0, 0, 0];
  readonly #shares = [0, 0, 0, 0];

  /** @param scale enlarged pixels for a stored one along each side. */
  constructor(height: number, width: number, scale: number) {
    this.#width = width;
    this.#rows = Array.from({ length: height * scale }, (_, y) => between(y, scale, height));
    this.#columns = Array.from({ length: width * scale }, (_, x) => between(x, scale, width));
  }

  /** Goes to an enlarged pixel. */
  moveTo(y: number, x: number): void {
    const { first: top, second: bottom, share: down } = this.#rows[y]!;
    const { first: left, second: right, share: over } = this.#columns[x]!;
    const [above, below] = [top * this.#width, bottom * this.#width];
    this.#places[0] = above + left;
    this.#places[1] = above + right;
    this.#places[2] = below + left;
    this.#places[3] = below + right;
    this.#shares[0] = (1 - down) * (1 - over);
    this.#shares[1] = (1 - down) * over;
    this.#shares[2] = down * (1 - over);
    this.#shares[3] = down * over;
  }

  /**
   * The bilinear value here, of those corners alone that count; 0.5 where none does.
   * @param counts 1 for stored pixels that count; default: all do.
   */
  mean(values: Float32Array, counts?: Uint8Array): number {
    let sum = 0;
    let total = 0;
    for (let corner = 0; corner < 4; corner += 1) {
      const place = this.#places[corner]!;
      const share = this.#shares[corner]! * (counts === undefined ? 1 : counts[place]!);
      sum += share * values[place]!;
      total += share;
    }
    return total === 0 ? 0.5 : sum / total;
  }
}

interface Between {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** The stored pixels on either side of the centre of an enlarged one. */
function between(place: number, scale: number, count: number): Between {
  const centre = (place + 0.5) / scale - 0.5;
  const first = Math.floor(centre);
  const last = count - 1;
  return {
    first: Math.min(last, Math.max(0, first)),
    second: Math.min(last, Math.max(0, first + 1)),
    share: centre - first,
  };
}
