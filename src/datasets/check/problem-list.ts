/** Something wrong with a data set. */
export interface DatasetProblem {
  /** Absolute path of the file or folder at fault. */
  readonly file: string;
  readonly problem: string;
}

/**
 * The first problems by the place of their item, however many there are and in whatever order they
 * are found.
 */
export class ProblemList {
  readonly #most: number;
  readonly #first: { readonly place: number; readonly entry: DatasetProblem }[] = [];
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  get first(): DatasetProblem[] {
    return this.#first.map(({ entry }) => entry);
  }

  /** @param place of the item; problems of one place keep the order in which they are added. */
  add(place: number, file: string, problem: string): void {
    this.#count += 1;
    const at = this.#first.findIndex((known) => known.place > place);
    this.#first.splice(at < 0 ? this.#first.length : at, 0, { place, entry: { file, problem } });
    if (this.#first.length > this.#most) this.#first.pop();
  }
}
