import type { EstimateRequest } from '../diffusion/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import type { SparingRunner } from './memory/sparing-runner.js';
import type { PackGraphs } from './pack-graphs.js';
import { blendTile, cutScaledTile, cutTile, type Tile } from './tiling.js';

/** Called after each run of a graph with its multiply-adds. */
export type OnRun = (macs: number) => Promise<void>;

/** Denoiser and fusion network over the tiles of a picture. */
export class Estimator {
  readonly #graphs: PackGraphs;
  readonly #tiles: readonly Tile[];
  /** What the fusion network knows of x_IR, for the tiles that may keep it between steps. */
  readonly #known = new Map<Tile, Tensor | undefined>();
  #estimate = new Float32Array(0);

  readonly #sparing: SparingRunner | undefined;

  /**
   * @param knownBytes what may be kept of x_IR's own branch of the fusion network.
   * @param sparing what is done where memory runs out; without it that is an error.
   */
  constructor(
    graphs: PackGraphs,
    tiles: readonly Tile[],
    knownBytes: number,
    sparing?: SparingRunner,
  ) {
    this.#graphs = graphs;
    this.#tiles = tiles;
    this.#sparing = sparing;
    if (!graphs.hasKnownPart) return;
    let left = knownBytes;
    for (const tile of tiles) {
      left -= graphs.facts('precompute', tile).bytes;
      if (left < 0) break;
      this.#known.set(tile, undefined);
    }
  }

  /** Gives up what is kept between estimates; it is computed again from then on. */
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
        this.#sparing === undefined ? await run(tile) : await this.#sparing.run(run, tile);
      blendTile(output, this.#estimate, whole, tile);
      await onRun(this.#graphs.facts('evaluate', tile).macs);
    }
    return this.#estimate;
  }

  async #knownOf(tile: Tile, restored: Tensor, onRun: OnRun): Promise<Tensor> {
    const kept = this.#known.get(tile);
    if (kept !== undefined) return kept;
    const known = await this.#graphs.run('precompute', tile, { restored });
    if (this.#known.has(tile)) this.#known.set(tile, known);
    await onRun(this.#graphs.facts('precompute', tile).macs);
    return known;
  }
}
