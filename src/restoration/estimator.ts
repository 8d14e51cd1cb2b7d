import type { CompiledGraph, GraphRunner } from '../engine/contract.js';
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.js';
import { evaluationGraph, moduleKey, precomputedShape, precomputeGraph } from './module-graphs.js';
import type { Pack } from './pack.js';
import { blendTile, cutTile, type Tile, tiledSize } from './tiling.js';

const DEFAULT_FEATURE_BYTES = 512 * 2 ** 20;

/** Denoiser and fusion network over the tiles of a picture. */
export class Estimator {
  readonly #pack: Pack;
  readonly #runner: GraphRunner;
  readonly #restored: Tensor;
  readonly #tiles: readonly Tile[];
  readonly #estimate: Float32Array;
  readonly #features: Map<number, Tensor> | undefined;

  constructor(
    pack: Pack,
    runner: GraphRunner,
    restored: Tensor,
    tiles: readonly Tile[],
    featureBytes = DEFAULT_FEATURE_BYTES,
  ) {
    this.#pack = pack;
    this.#runner = runner;
    this.#restored = restored;
    this.#tiles = tiles;
    this.#estimate = new Float32Array(restored.data.length);
    const bytes = 4 * tiledSize(tiles, this.#featuresPerPixel());
    this.#features = bytes <= featureBytes ? new Map() : undefined;
  }

  async estimate(
    { x, signal, sigma, t }: { x: Float64Array; signal: number; sigma: number; t: number },
    onTile: () => Promise<void>,
  ): Promise<Float32Array> {
    const size = this.#restored.shape as [number, number, number];
    this.#estimate.fill(0);
    for (const tile of this.#tiles) {
      const [rows, columns] = [tile.rows.length, tile.columns.length];
      const graph = await this.#compile('evaluate', rows, columns, () =>
        evaluationGraph(this.#pack, rows, columns),
      );
      const restored = cutTile(this.#restored.data, size, tile);
      const features = await this.#known(tile, restored);
      const { estimate } = await graph.run({
        noisy: cutTile(x, size, tile, 1 / signal),
        sigma: tensor([1, 1, 1, 1], [sigma]),
        t: tensor([1], [t]),
        restored,
        ...(features === undefined ? {} : { known: features }),
      });
      blendTile(estimate as Tensor, this.#estimate, size[2], tile, 1);
      await onTile();
    }
    return this.#estimate;
  }

  async #known(tile: Tile, restored: Tensor): Promise<Tensor | undefined> {
    if (this.#pack.fusion.network.split === undefined) return undefined;
    const cached = this.#features?.get(tile.index);
    if (cached !== undefined) return cached;
    const [rows, columns] = [tile.rows.length, tile.columns.length];
    const graph = await this.#compile('precompute', rows, columns, () =>
      precomputeGraph(this.#pack, rows, columns),
    );
    const { known } = await graph.run({ restored });
    this.#features?.set(tile.index, known as Tensor);
    return known as Tensor;
  }

  #compile(
    kind: string,
    rows: number,
    columns: number,
    build: () => Uint8Array,
  ): Promise<CompiledGraph> {
    const { denoiser, fusion } = this.#pack;
    const key = `${kind} ${moduleKey(denoiser)} ${moduleKey(fusion)} ${rows}x${columns}`;
    return this.#runner.compile(key, build);
  }

  #featuresPerPixel(): number {
    const { network, config } = this.#pack.fusion;
    if (network.split === undefined) return 0;
    const side = network.sizeRule(config).multiple;
    return sizeOf(precomputedShape(this.#pack, side, side)) / side ** 2;
  }
}
