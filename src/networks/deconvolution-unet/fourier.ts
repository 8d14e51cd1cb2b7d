import {
  add,
  concat,
  constant,
  conv2d,
  matmul,
  mul,
  reshape,
  slice,
  sub,
  transpose,
  type Value,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';

/** Where rows or columns of an array lie on the grid of a transform: `first`, `first` + 1, ... */
export interface Span {
  readonly first: number;
  readonly count: number;
}

/** Rows and columns of an array. */
export interface Area {
  readonly rows: Span;
  readonly columns: Span;
}

/**
 * The two-dimensional Fourier transform of real arrays on a cyclic grid of height x width samples,
 * as two matrix products. A spectrum is [N, height, 2 F] with F = floor(width / 2) + 1: of every
 * frequency down all frequencies across, first their real parts, then their imaginary parts.
 */
export class Fourier {
  readonly height: number;
  readonly width: number;
  /** F: frequencies across; the others mirror them. */
  readonly across: number;
  readonly #known = new Map<string, Value>();

  constructor(height: number, width: number) {
    this.height = height;
    this.width = width;
    this.across = Math.floor(width / 2) + 1;
  }

  /** Number of samples of the grid. */
  get all(): Area {
    return {
      rows: { first: 0, count: this.height },
      columns: { first: 0, count: this.width },
    };
  }

  /** Spectra of arrays [N, h, w] that lie in `area` of the grid, with zeros everywhere else. */
  forward(x: Value, area: Area = this.all): Value {
    const [batch, , columns] = x.shape as [number, number, number];
    const down = matmul(this.#downwards(area.rows, false), x);
    const joined = reshape(swapped(down, [batch, 2, this.height, columns]), [
      batch,
      this.height,
      2 * columns,
    ]);
    return matmul(joined, this.#across(area.columns));
  }

  /** What arrays with these spectra have in `area`, [N, h, w]. */
  inverse(spectra: Value, area: Area = this.all): Value {
    const [batch] = spectra.shape as [number];
    const across = matmul(spectra, this.#backwards(area.columns));
    const { count } = area.columns;
    const parts = reshape(swapped(across, [batch, this.height, 2, count]), [
      batch,
      2 * this.height,
      count,
    ]);
    return matmul(this.#downwards(area.rows, true), parts);
  }

  /** The squared magnitude of both slopes together (see `slopes`), [1, height, 2 F]. */
  get slopePower(): Value {
    return this.#once('slopes', () => this.factors(slopePower));
  }

  /** A real factor of every frequency for both of its parts, [1, height, 2 F]. */
  factors(of: (down: number, across: number) => number): Value {
    const result = tensor([1, this.height, 2 * this.across]);
    for (let u = 0; u < this.height; u++)
      for (let v = 0; v < this.across; v++) {
        const at = 2 * u * this.across + v;
        result.data[at] = of(u / this.height, v / this.width);
        result.data[at + this.across] = result.data[at]!;
      }
    return constant(result);
  }

  /**
   * A factor for every sample, [1, height, width].
   * @param name under which it is cached.
   */
  places(of: (row: number, column: number) => number, name: string): Value {
    return this.#once(name, () => {
      const result = tensor([1, this.height, this.width]);
      for (let row = 0; row < this.height; row++)
        for (let column = 0; column < this.width; column++)
          result.data[row * this.width + column] = of(row, column);
      return constant(result);
    });
  }

  /** [2 height, h], or of the inverse [h, 2 height]. */
  #downwards(span: Span, inverse: boolean): Value {
    const { height } = this;
    return this.#once(`down ${span.first} ${span.count} ${inverse}`, () => {
      const shape = inverse ? [span.count, 2 * height] : [2 * height, span.count];
      const matrix = tensor(shape);
      for (let u = 0; u < height; u++)
        for (let i = 0; i < span.count; i++) {
          const angle = angleOf(u, span.first + i, height);
          const [real, imaginary] = inverse
            ? [2 * i * height + u, (2 * i + 1) * height + u]
            : [u * span.count + i, (height + u) * span.count + i];
          matrix.data[real] = Math.cos(angle) / (inverse ? height : 1);
          matrix.data[imaginary] = -Math.sin(angle) / (inverse ? height : 1);
        }
      return constant(matrix);
    });
  }

  /** [2 w, 2 F]: complex columns to the frequencies across. */
  #across(span: Span): Value {
    const { across, width } = this;
    return this.#once(`across ${span.first} ${span.count}`, () => {
      const matrix = tensor([2 * span.count, 2 * across]);
      for (let j = 0; j < span.count; j++)
        for (let v = 0; v < across; v++) {
          const angle = angleOf(v, span.first + j, width);
          const upper = 2 * j * across + v;
          const lower = 2 * (span.count + j) * across + v;
          matrix.data[upper] = Math.cos(angle);
          matrix.data[upper + across] = -Math.sin(angle);
          matrix.data[lower] = Math.sin(angle);
          matrix.data[lower + across] = Math.cos(angle);
        }
      return constant(matrix);
    });
  }

  /** [2 F, 2 w]: frequencies across to complex columns, the mirrored half counted with its twin. */
  #backwards(span: Span): Value {
    const { across, width } = this;
    return this.#once(`back ${span.first} ${span.count}`, () => {
      const matrix = tensor([2 * across, 2 * span.count]);
      for (let v = 0; v < across; v++) {
        const share = (v === 0 || 2 * v === width ? 1 : 2) / width;
        for (let j = 0; j < span.count; j++) {
          const angle = angleOf(v, span.first + j, width);
          const upper = 2 * v * span.count + j;
          const lower = 2 * (across + v) * span.count + j;
          matrix.data[upper] = share * Math.cos(angle);
          matrix.data[upper + span.count] = share * Math.sin(angle);
          matrix.data[lower] = -share * Math.sin(angle);
          matrix.data[lower + span.count] = share * Math.cos(angle);
        }
      }
      return constant(matrix);
    });
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#known.get(key) ?? make();
    this.#known.set(key, known);
    return known;
  }
}

/** What is [N, a, b, c] when its joined axes are taken apart, as [N, b, a, c]. */
function swapped(x: Value, apart: readonly [number, number, number, number]): Value {
  return transpose(reshape(x, apart), [0, 2, 1, 3]);
}

/** Whole turns are taken off before the angle is rounded. */
function angleOf(frequency: number, place: number, extent: number): number {
  return (2 * Math.PI * ((((frequency * place) % extent) + extent) % extent)) / extent;
}

/** The squared magnitude of both differences together at a frequency in turns per pixel. */
export function slopePower(down: number, across: number): number {
  const power = (frequency: number): number => 2 - 2 * Math.cos(2 * Math.PI * frequency);
  return power(down) + power(across);
}

/** Large and the same for all images of one size. */
const masks = new WeakMap<Fourier, Value>();

/**
 * Differences of images [N, H, W] to the next pixel on the right and to the next below,
 * [N, 2, H, W]; 0 where there is none.
 */
export function slopes(fourier: Fourier, x: Value): Value {
  const { height, width } = fourier;
  const [batch] = x.shape as [number];
  const image = reshape(x, [batch, 1, height, width]);
  const weights = constant(tensor([2, 1, 2, 2], [-1, 1, 0, 0, -1, 0, 1, 0]));
  const differences = conv2d(image, weights, undefined, { padding: [0, 0, 1, 1] });
  const known = masks.get(fourier) ?? inside(height, width);
  masks.set(fourier, known);
  return mul(differences, known);
}

/** The transpose of `slopes`: [N, 2, H, W] to [N, H, W]; values where there is no pixel must be 0. */
export function gathered(x: Value): Value {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const weights = constant(tensor([1, 2, 2, 2], [0, 0, 1, -1, 0, 1, 0, -1]));
  return reshape(conv2d(x, weights, undefined, { padding: [1, 1, 0, 0] }), [batch, height, width]);
}

function inside(height: number, width: number): Value {
  const mask = tensor([1, 2, height, width]);
  mask.data.fill(1);
  for (let row = 0; row < height; row++) mask.data[(row + 1) * width - 1] = 0;
  mask.data.fill(0, (2 * height - 1) * width);
  return constant(mask);
}

/** Real and imaginary parts of spectra [N, height, 2 F], each [N, height, F]. */
function parts(spectra: Value): readonly [real: Value, imaginary: Value] {
  const across = spectra.shape[2]! / 2;
  return [slice(spectra, 2, 0, across), slice(spectra, 2, across, 2 * across)];
}

/** The product of two spectra, that of a cyclic convolution. */
export function product(x: Value, y: Value): Value {
  const [[a, b], [c, d]] = [parts(x), parts(y)];
  return concat([sub(mul(a, c), mul(b, d)), add(mul(a, d), mul(b, c))], 2);
}

/** The product of the conjugate of x with y, that of a cyclic correlation. */
export function correlation(x: Value, y: Value): Value {
  const [[a, b], [c, d]] = [parts(x), parts(y)];
  return concat([add(mul(a, c), mul(b, d)), sub(mul(a, d), mul(b, c))], 2);
}

/** The squared magnitude of every frequency, for both of its parts. */
export function power(x: Value): Value {
  const [a, b] = parts(x);
  const squares = add(mul(a, a), mul(b, b));
  return concat([squares, squares], 2);
}
