import type { Feeds, GraphRunner } from '../graph/graph-runner.js';
import {
  cost,
  graphMemory,
  isInput,
  lowerToOnnx,
  splitConvolutions,
  topologicalOrder,
} from '../graph/index.js';
import { sizeOf, type Tensor } from '../tensor/tensor.js';
import { moduleKey } from '../weights/module-file.js';
import { type GraphKind, moduleGraph, modulesOf } from './module-graphs.js';
import type { Pack } from './pack.js';
import { isOnnx } from './pack-module.js';
import { roughMacs, runOnnx } from './run-onnx.js';
import type { Tile } from './tiling.js';

/** What one run of a graph takes. */
export interface GraphFacts {
  /** Multiply-adds; of ONNX modules, `roughMacs`. */
  readonly macs: number;
  /** Bytes of the output. */
  readonly bytes: number;
  /** Names of the inputs that the output depends on. */
  readonly inputs: ReadonlySet<string>;
}

/** The graphs of a pack on a runner, for tiles of any size. */
export class PackGraphs {
  readonly #pack: Pack;
  readonly #runner: GraphRunner;
  readonly #facts = new Map<string, GraphFacts>();
  readonly #peaks = new Map<string, number>();

  constructor(pack: Pack, runner: GraphRunner) {
    this.#pack = pack;
    this.#runner = runner;
  }

  /** Whether the fusion network has a part that is the same at every step. */
  get hasKnownPart(): boolean {
    return this.#pack.fusion.network.split !== undefined;
  }

  /** Whether work is counted roughly: an ONNX module does not tell its own. */
  get isRough(): boolean {
    return isOnnx(this.#pack.restorer) || isOnnx(this.#pack.denoiser);
  }

  facts(kind: GraphKind, tile: Tile): GraphFacts {
    const { restorer, denoiser, manifest } = this.#pack;
    const [height, width] = [tile.rows.length, tile.columns.length];
    if (kind === 'restore' && isOnnx(restorer))
      return {
        macs: roughMacs(restorer, height, width),
        bytes: 12 * height * width * manifest.scale ** 2,
        inputs: new Set(['degraded']),
      };
    if (kind === 'evaluate' && isOnnx(denoiser)) {
      const { macs, bytes, inputs } = this.#graphFacts('fuse', tile);
      return { macs: macs + roughMacs(denoiser, height, width), bytes, inputs };
    }
    return this.#graphFacts(kind, tile);
  }

  #graphFacts(kind: GraphKind, { rows, columns }: Tile): GraphFacts {
    const key = `${kind} ${rows.length}x${columns.length}`;
    let known = this.#facts.get(key);
    if (known === undefined) {
      const { output } = moduleGraph(this.#pack, kind, rows.length, columns.length);
      const inputs = topologicalOrder([output]).filter(isInput);
      known = {
        macs: cost([output]).macs,
        bytes: 4 * sizeOf(output.shape),
        inputs: new Set(inputs.map(({ attributes }) => attributes.name)),
      };
      this.#facts.set(key, known);
    }
    return known;
  }

  /**
   * Bytes of float32 results of operators that live at the same time, weights and inputs not
   * counted; `undefined` for ONNX modules, which do not tell.
   */
  peakBytes(kind: GraphKind, height: number, width: number): number | undefined {
    const { restorer, denoiser } = this.#pack;
    if (kind === 'restore' && isOnnx(restorer)) return undefined;
    if (kind === 'evaluate' && isOnnx(denoiser)) return undefined;
    const key = `${kind} ${height}x${width}`;
    let peak = this.#peaks.get(key);
    if (peak === undefined) {
      const everything = { has: () => true };
      const { output } = moduleGraph(this.#pack, kind, height, width);
      const { output: lowered } = splitConvolutions({ output }, everything);
      peak = graphMemory([lowered], everything).peak;
      this.#peaks.set(key, peak);
    }
    return peak;
  }

  /** Runs a graph once. Feeds that it does not depend on are left out. */
  async run(kind: GraphKind, tile: Tile, feeds: Feeds): Promise<Tensor> {
    const { restorer, denoiser } = this.#pack;
    if (kind === 'restore' && isOnnx(restorer))
      return runOnnx(this.#runner, restorer, feeds.degraded as Tensor);
    if ((kind === 'evaluate' || kind === 'denoise') && isOnnx(denoiser)) {
      const sigma = Number(feeds.sigma!.data[0]);
      const denoised = await runOnnx(this.#runner, denoiser, feeds.noisy as Tensor, sigma);
      if (kind === 'denoise') return denoised;
      return this.#run('fuse', tile, { ...feeds, denoised });
    }
    return this.#run(kind, tile, feeds);
  }

  async #run(kind: GraphKind, tile: Tile, feeds: Feeds): Promise<Tensor> {
    const [height, width] = [tile.rows.length, tile.columns.length];
    const modules = modulesOf(this.#pack, kind).map(moduleKey).join(' ');
    const graph = await this.#runner.compile(`${kind} ${modules} ${height}x${width}`, () => {
      const { output, weights } = moduleGraph(this.#pack, kind, height, width);
      return lowerToOnnx({ outputs: { output }, weights }).bytes;
    });
    const { inputs } = this.#graphFacts(kind, tile);
    const needed = Object.entries(feeds).filter(([name]) => inputs.has(name));
    const { output } = await graph.run(Object.fromEntries(needed));
    return output as Tensor;
  }
}
