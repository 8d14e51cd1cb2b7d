import { resizeBicubic } from '../degradation/bicubic-resize.js';
import type { EstimateRequest } from '../diffusion/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Rectangle } from '../tensor/window.js';
import { ModelError } from '../utils/errors.js';
import { allFinite } from '../utils/finite.js';
import type { RetryingRunner } from './memory/smaller-tiles.js';
import type { PackGraphs } from './pack-graphs.js';
import type { Restoration } from './restore.js';
import { layOutInput } from './tiles/tile-settings.js';
import { blendTile, cutScaledTile, cutTile, type Tile, touches } from './tiles/tiling.js';

/** Default size in bytes of the cache of computed tiles that a later part needs. */
export const DEFAULT_CACHE_BYTES = 256 * 2 ** 20;

/** Bounds on the memory of parts. */
export interface PartMemory {
  /** Size of the cache of tiles that a later part needs; default 256 MiB. */
  readonly cachedBytes?: number | undefined;
  /** Retries with smaller tiles when memory runs out; without it that is an error. */
  readonly retrying?: RetryingRunner | undefined;
}

/** A tile in a part of the result. */
interface TileUse {
  readonly tile: Tile;
  /** Whether it has to be computed because no earlier part cached it. */
  readonly isNew: boolean;
  /** Whether it is cached for a later part. */
  readonly isCached: boolean;
}

/**
 * The restoration network over an input, for parts of the result that are asked for one after
 * another. The tiles are those of the whole input, so that x_IR does not depend on the parts.
 */
export class RestoredParts {
  readonly #restoration: Restoration;
  readonly #graphs: PackGraphs;
  readonly #parts: readonly Rectangle[];
  readonly #uses: readonly (readonly TileUse[])[];
  readonly #cached = new Map<Tile, Tensor>();
  readonly #retrying: RetryingRunner | undefined;
  /** Tiles of the whole input. */
  readonly tiles: number;

  /**
   * @param parts of the result in pixels, in the order in which they will be asked for.
   * @param tile largest side of a tile in pixels of the network's output.
   * @throws ParameterError where margins use up such a tile.
   */
  constructor(
    restoration: Restoration,
    graphs: PackGraphs,
    parts: readonly Rectangle[],
    tile: number,
    { cachedBytes = DEFAULT_CACHE_BYTES, retrying }: PartMemory = {},
  ) {
    this.#retrying = retrying;
    const { pack, input, scale, reduction } = restoration;
    this.#restoration = restoration;
    this.#graphs = graphs;
    this.#parts = parts;
    const { height, width } = input;
    const tiles = layOutInput(pack, { height, width, tile }, reduction);
    this.tiles = tiles.length;
    this.#uses = planUses(tiles, parts, scale, cachedBytes);
  }

  /** Clears the cache; its tiles are computed again. */
  forget(): void {
    this.#cached.clear();
  }

  /** Multiply-adds of all parts. */
  get macs(): number {
    return this.#uses
      .flat()
      .reduce((sum, { tile, isNew }) => sum + (isNew ? this.#macsOf(tile) : 0), 0);
  }

  /**
   * x_IR of a part [3, height, width], not clamped.
   * @throws ModelError where the network gives values that are not finite.
   */
  async restored(index: number, onRun: OnRun): Promise<Tensor> {
    const { height, width } = this.#parts[index]!;
    const made = tensor([3, height, width]);
    for (const { tile, isNew, isCached } of this.#uses[index]!) {
      const output = this.#cached.get(tile) ?? (await this.#run(tile));
      if (isCached) this.#cached.set(tile, output);
      else this.#cached.delete(tile);
      blendTile(output, made.data, this.#parts[index]!, tile);
      if (isNew) await onRun(this.#macsOf(tile));
    }
    if (!allFinite(made.data)) throw new ModelError('restorer', 'gave a value that is not finite');
    return this.#restoration.input.finish(made);
  }

  #macsOf(tile: Tile): number {
    return this.#graphs.facts('restore', tile).macs;
  }

  async #run(tile: Tile): Promise<Tensor> {
    const run = (part: Tile): Promise<Tensor> => this.#runAlone(part);
    return this.#retrying === undefined ? run(tile) : this.#retrying.run(run, tile);
  }

  async #runAlone(tile: Tile): Promise<Tensor> {
    const { input, reduction } = this.#restoration;
    const degraded = await input.cut(tile);
    const output = await this.#graphs.run('restore', tile, { degraded });
    if (reduction === 1) return output;
    const [, , height, width] = output.shape as [number, number, number, number];
    return resizeBicubic(output, { height: height / reduction, width: width / reduction });
  }
}

/** Which tiles each part needs, and which of them are cached within the bound on memory. */
function planUses(
  tiles: readonly Tile[],
  parts: readonly Rectangle[],
  scale: number,
  cachedBytes: number,
): TileUse[][] {
  const needed = parts.map((part) => tiles.filter((tile) => touches(tile, part, scale)));
  const last = new Map<Tile, number>();
  for (const [index, own] of needed.entries()) for (const tile of own) last.set(tile, index);
  const bytesOf = ({ rows, columns }: Tile): number =>
    12 * rows.weights.length * columns.weights.length;
  const cached = new Set<Tile>();
  let bytes = 0;
  return needed.map((own, index) =>
    own.map((tile) => {
      const isNew = !cached.has(tile);
      const isWanted = last.get(tile)! > index;
      const isCached = isWanted && (!isNew || bytes + bytesOf(tile) <= cachedBytes);
      if (isCached && isNew) bytes += bytesOf(tile);
      if (!isCached && !isNew) bytes -= bytesOf(tile);
      if (isCached) cached.add(tile);
      else cached.delete(tile);
      return { tile, isNew, isCached };
    }),
  );
}

/** Called after each run of a graph with its multiply-adds. */
export type OnRun = (macs: number) => Promise<void>;

/** Denoiser and fusion network over the tiles of an image. */
export class Estimator {
  readonly #graphs: PackGraphs;
  readonly #tiles: readonly Tile[];
  /** Features of x_IR in the fusion network, for the tiles that cache them between steps. */
  readonly #known = new Map<Tile, Tensor | undefined>();
  #estimate = new Float32Array(0);

  readonly #retrying: RetryingRunner | undefined;

  /**
   * @param knownBytes size of the cache for x_IR's own branch of the fusion network.
   * @param retrying retries with smaller tiles when memory runs out; without it that is an error.
   */
  constructor(
    graphs: PackGraphs,
    tiles: readonly Tile[],
    knownBytes: number,
    retrying?: RetryingRunner,
  ) {
    this.#graphs = graphs;
    this.#tiles = tiles;
    this.#retrying = retrying;
    if (!graphs.hasKnownPart) return;
    let left = knownBytes;
    for (const tile of tiles) {
      left -= graphs.facts('precompute', tile).bytes;
      if (left < 0) break;
      this.#known.set(tile, undefined);
    }
  }

  /** Clears the cache between estimates; features are computed again from then on. */
  forget(): void {
    this.#known.clear();
  }

  /** How many tiles there are. */
  get tiles(): number {
    return this.#tiles.length;
  }

  /** Multiply-adds of `steps` estimates. */
  macs(steps: number): number {
    return this.#tiles.reduce((sum, tile) => {
      const evaluations = steps * this.#graphs.facts('evaluate', tile).macs;
      if (!this.#graphs.hasKnownPart) return sum + evaluations;
      const times = this.#known.has(tile) ? 1 : steps;
      return sum + evaluations + times * this.#graphs.facts('precompute', tile).macs;
    }, 0);
  }

  /**
   * The estimate of x0 [3, H, W] from x_t and x_IR, in an array that the next call reuses.
   * @param restored x_IR [3, H, W], the same at every call.
   */
  async estimate(
    { x, signal, sigma, t }: Pick<EstimateRequest, 'x' | 'signal' | 'sigma' | 't'>,
    restored: Tensor,
    onRun: OnRun,
  ): Promise<Float32Array> {
    const size = restored.shape as [number, number, number];
    if (this.#estimate.length !== x.length) this.#estimate = new Float32Array(x.length);
    else this.#estimate.fill(0);
    const whole = { top: 0, left: 0, height: size[1], width: size[2] };
    const run = async (tile: Tile): Promise<Tensor> => {
      const part = cutTile(restored.data, size, tile);
      const known = this.#graphs.hasKnownPart ? await this.#knownOf(tile, part, onRun) : undefined;
      return this.#graphs.run('evaluate', tile, {
        noisy: cutScaledTile(x, size, tile, 1 / signal),
        sigma: tensor([1, 1, 1, 1], [sigma]),
        t: tensor([1], [t]),
        restored: part,
        ...(known === undefined ? {} : { known }),
      });
    };
    for (const tile of this.#tiles) {
      const output =
        this.#retrying === undefined ? await run(tile) : await this.#retrying.run(run, tile);
      blendTile(output, this.#estimate, whole, tile);
      await onRun(this.#graphs.facts('evaluate', tile).macs);
    }
    return this.#estimate;
  }

  async #knownOf(tile: Tile, restored: Tensor, onRun: OnRun): Promise<Tensor> {
    const cached = this.#known.get(tile);
    if (cached !== undefined) return cached;
    const known = await this.#graphs.run('precompute', tile, { restored });
    if (this.#known.has(tile)) this.#known.set(tile, known);
    await onRun(this.#graphs.facts('precompute', tile).macs);
    return known;
  }
}
