import { type Tensor, tensor } from '../../tensor/tensor.js';
import { isOutOfMemory, LimitError } from '../../utils/errors.js';
import { blendTile, leastSize, type SideSettings, type Tile, tilesOf } from '../tiles/tiling.js';

/** What can be done when memory runs out. */
export interface MemoryFallback {
  /** Clears caches. */
  readonly forget: () => void | Promise<void>;
  /** How smaller tiles that give the same pixels are cut; `undefined` where none do. */
  readonly exact: SideSettings | undefined;
  /** A smaller tile to ask for where none gives the same pixels, in pixels of the result. */
  readonly advice: string;
}

/**
 * Runs networks on tiles. When memory runs out, caches are cleared and the tile is tried again; then,
 * if tiles give the pixels of the whole, it is assembled from smaller ones with the same bytes, and
 * so are later tiles of its size. Finished tiles are not repeated.
 */
export class RetryingRunner {
  readonly #fallback: MemoryFallback;
  /** Pixels of the smallest tile that did not fit. */
  #tooLarge = Number.POSITIVE_INFINITY;

  constructor(fallback: MemoryFallback) {
    this.#fallback = fallback;
  }

  /**
   * The output of a tile [1, C, rows scale, columns scale].
   * @param run makes it of a tile, in the same coordinates.
   * @throws LimitError where the tile does not fit and no smaller ones give the same pixels, and
   * what `run` throws otherwise.
   */
  async run(run: (tile: Tile) => Promise<Tensor>, tile: Tile): Promise<Tensor> {
    const area = tile.rows.length * tile.columns.length;
    const parts = partsOf(tile, this.#fallback.exact);
    if (area >= this.#tooLarge && parts !== undefined) return this.#joined(run, tile, parts);
    try {
      return await run(tile);
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
    }
    await this.#fallback.forget();
    try {
      return await run(tile);
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      if (parts === undefined) throw exhausted(tile, this.#fallback, error);
    }
    this.#tooLarge = area;
    return this.#joined(run, tile, parts);
  }

  async #joined(
    run: (tile: Tile) => Promise<Tensor>,
    whole: Tile,
    parts: readonly Tile[],
  ): Promise<Tensor> {
    let made: Tensor | undefined;
    for (const part of parts) {
      const output = await this.run(run, part);
      const [, channels, tall] = output.shape as [number, number, number];
      const scale = tall / part.rows.length;
      const [height, width] = [whole.rows.length * scale, whole.columns.length * scale];
      made ??= tensor([1, channels, height, width]);
      const [top, left] = [whole.rows.start * scale, whole.columns.start * scale];
      blendTile(output, made.data, { top, left, height, width }, weighted(part, scale));
    }
    return made!;
  }
}

/** The halves or quarters of a tile with their margins; `undefined` where margins use them up. */
function partsOf(tile: Tile, exact: SideSettings | undefined): readonly Tile[] | undefined {
  if (exact === undefined || exact.rows.sameSize === true) return undefined;
  const longest = Math.max(tile.rows.length, tile.columns.length);
  const least = Math.max(leastSize(exact.rows), leastSize(exact.columns));
  const size = Math.max(
    least,
    Math.ceil(longest / 2) + Math.max(exact.rows.margin, exact.columns.margin),
  );
  if (size >= longest) return undefined;
  const cut = { rows: { ...exact.rows, size }, columns: { ...exact.columns, size } };
  const parts = tilesOf(tile.rows.length, tile.columns.length, cut);
  return parts.map(({ index, rows, columns }) => ({
    index,
    rows: { ...rows, start: rows.start + tile.rows.start },
    columns: { ...columns, start: columns.start + tile.columns.start },
  }));
}

/** Weights for each pixel that a network makes: all alike for those of one pixel of its input. */
function weighted(part: Tile, scale: number): Tile {
  if (scale === 1) return part;
  const enlarged = (weights: Float32Array): Float32Array =>
    Float32Array.from(
      { length: weights.length * scale },
      (_, place) => weights[Math.floor(place / scale)]!,
    );
  const { index, rows, columns } = part;
  return {
    index,
    rows: { ...rows, weights: enlarged(rows.weights) },
    columns: { ...columns, weights: enlarged(columns.weights) },
  };
}

function exhausted(
  { rows, columns }: Tile,
  { advice }: MemoryFallback,
  cause: unknown,
): LimitError {
  return new LimitError(
    'memory',
    `it ran out on a tile of ${columns.length} x ${rows.length} pixels; ${advice}`,
    { code: 'out-of-memory', cause },
  );
}
