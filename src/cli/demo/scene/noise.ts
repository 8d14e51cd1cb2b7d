import { uniformAt } from '../../../tensor/random.js';

const period = 128;

/** Smooth random textures: functions of a seed and a place. */
export class Noise {
  readonly #lattice = new Float64Array(period * period);

  constructor(seed: number) {
    for (let index = 0; index < this.#lattice.length; index++)
      this.#lattice[index] = uniformAt(seed, 0, index);
  }

  /** Values in [0, 1] that vary over about one unit, and repeat after 128. */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const across = smooth(x - column);
    const down = smooth(y - row);
    const upper = blend(this.#corner(column, row), this.#corner(column + 1, row), across);
    const lower = blend(this.#corner(column, row + 1), this.#corner(column + 1, row + 1), across);
    return blend(upper, lower, down);
  }

  /** Values in [0, 1] with detail in every octave, each half as strong as the one below it. */
  octaves(x: number, y: number, count: number): number {
    let sum = 0;
    let weight = 1;
    let total = 0;
    for (let octave = 0; octave < count; octave++) {
      // The offset keeps the octaves' lattices from lining up.
      const shift = octave * 17.3;
      sum += weight * this.at(x * 2 ** octave + shift, y * 2 ** octave + shift);
      total += weight;
      weight /= 2;
    }
    return sum / total;
  }

  #corner(column: number, row: number): number {
    return this.#lattice[(row & (period - 1)) * period + (column & (period - 1))]!;
  }
}

/** Independent numbers in [0, 1), one after the other. */
export function dice(seed: number): () => number {
  let index = 0;
  return () => uniformAt(seed, 1, index++);
}

function smooth(share: number): number {
  return share * share * share * (share * (share * 6 - 15) + 10);
}

function blend(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
