import type { Feeds, GraphRunner } from '../graph/graph-runner.js';
import {
  cost,
  graphMemory,
  input,
  isInput,
  lowerToOnnx,
  ParameterScope,
  splitConvolutions,
  topologicalOrder,
  type Value,
} from '../graph/index.js';
import { buildDenoiser, requireFusionNetwork } from '../networks/roles.js';
import { sizeOf, type Tensor } from '../tensor/tensor.js';
import { type Module, moduleKey } from '../weights/module-file.js';
import type { Pack } from './pack.js';
import { isOnnx, requireNetwork } from './pack-module.js';
import { roughMacs, runOnnx } from './run-onnx.js';
import { taskOf } from './tasks.js';
import type { Tile } from './tiles/tiling.js';

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
  readonly runner: GraphRunner;
  readonly #facts = new Map<string, GraphFacts>();
  readonly #peaks = new Map<string, number>();

  constructor(pack: Pack, runner: GraphRunner) {
    this.#pack = pack;
    this.runner = runner;
  }

  /** Whether the fusion network has a part that is the same at every step. */
  get hasKnownPart(): boolean {
    return requireFusionNetwork(this.#pack.fusion.network).split !== undefined;
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
      return runOnnx(this.runner, restorer, feeds.degraded as Tensor);
    if ((kind === 'evaluate' || kind === 'denoise') && isOnnx(denoiser)) {
      const sigma = Number(feeds.sigma!.data[0]);
      const denoised = await runOnnx(this.runner, denoiser, feeds.noisy as Tensor, sigma);
      if (kind === 'denoise') return denoised;
      return this.#run('fuse', tile, { ...feeds, denoised });
    }
    return this.#run(kind, tile, feeds);
  }

  async #run(kind: GraphKind, tile: Tile, feeds: Feeds): Promise<Tensor> {
    const [height, width] = [tile.rows.length, tile.columns.length];
    const modules = modulesOf(this.#pack, kind).map(moduleKey).join(' ');
    const graph = await this.runner.compile(`${kind} ${modules} ${height}x${width}`, () => {
      const { output, weights } = moduleGraph(this.#pack, kind, height, width);
      return lowerToOnnx({ outputs: { output }, weights }).bytes;
    });
    const { inputs } = this.#graphFacts(kind, tile);
    const needed = Object.entries(feeds).filter(([name]) => inputs.has(name));
    const { output } = await graph.run(Object.fromEntries(needed));
    return output as Tensor;
  }
}

/**
 * One graph of a pack for tiles of height x width pixels:
 * - `restore`: `output` [1, 3, H scale, W scale], what the restoration network makes of `degraded`,
 *   an input of H x W places (see `InputKind`);
 * - `precompute`: `output`, what of the fusion network depends on `restored` [1, 3, H, W] alone;
 * - `evaluate`: `output` [1, 3, H, W], the estimate of x0 by denoiser and fusion network, from
 *   `noisy` [1, 3, H, W] = x0 + sigma noise, `sigma` [1, 1, 1, 1], `t` [1], `restored`
 *   [1, 3, H, W], and `known`, the output of `precompute`, where there is one;
 * - `fuse`: as `evaluate`, from `denoised` [1, 3, H, W] in place of `noisy` and `sigma`;
 * - `denoise`: `output` [1, 3, H, W], x_D alone, from `noisy` and `sigma`.
 */
export type GraphKind = 'restore' | 'precompute' | 'evaluate' | 'fuse' | 'denoise';

/** A graph with the weights of its parameters. */
export interface ModuleGraph {
  readonly output: Value;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * The graph of a kind for tiles of one size.
 * @throws ModelError where a module that it would hold is an ONNX file, which runs by itself.
 */
export function moduleGraph(
  pack: Pack,
  kind: GraphKind,
  height: number,
  width: number,
): ModuleGraph {
  const { restorer, fusion } = pack;
  switch (kind) {
    case 'restore': {
      const module = requireNetwork(restorer);
      const kind = taskOf(pack.manifest.task).input;
      const output = kind.build(module, new ParameterScope(), height, width);
      return { output, weights: module.weights };
    }
    case 'precompute':
      return { output: knownFeatures(fusion, height, width), weights: fusion.weights };
    case 'evaluate':
      return evaluation(pack, height, width);
    case 'denoise': {
      const denoiser = requireNetwork(pack.denoiser);
      const output = denoised(denoiser, new ParameterScope(), height, width);
      return { output, weights: denoiser.weights };
    }
    case 'fuse': {
      const image = input('denoised', [1, 3, height, width]);
      return { output: fused(fusion, new ParameterScope(), image), weights: fusion.weights };
    }
  }
}

/** The modules whose weights a graph of a kind holds. */
function modulesOf({ restorer, denoiser, fusion }: Pack, kind: GraphKind): Module[] {
  if (kind === 'restore') return [requireNetwork(restorer)];
  if (kind === 'denoise') return [requireNetwork(denoiser)];
  return kind === 'evaluate' ? [requireNetwork(denoiser), fusion] : [fusion];
}

function knownFeatures({ network, config }: Module, height: number, width: number): Value {
  const restored = input('restored', [1, 3, height, width]);
  return requireFusionNetwork(network).split!.precompute(config, new ParameterScope(), restored);
}

function evaluation(pack: Pack, height: number, width: number): ModuleGraph {
  const denoiser = requireNetwork(pack.denoiser);
  const { fusion } = pack;
  const scope = new ParameterScope();
  const image = denoised(denoiser, scope.child('denoiser'), height, width);
  const output = fused(fusion, scope.child('fusion'), image);
  const weights = new Map<string, Tensor>();
  for (const [name, value] of denoiser.weights) weights.set(`denoiser.${name}`, value);
  for (const [name, value] of fusion.weights) weights.set(`fusion.${name}`, value);
  return { output, weights };
}

/** The denoiser on the inputs `noisy` and `sigma`. */
function denoised(
  { network, config }: Module,
  scope: ParameterScope,
  height: number,
  width: number,
): Value {
  const noisy = input('noisy', [1, 3, height, width]);
  return buildDenoiser(network, config, scope, noisy, input('sigma', [1, 1, 1, 1]));
}

/** The fusion network on a denoised image and the inputs `restored`, `t` and, split, `known`. */
function fused(fusion: Module, scope: ParameterScope, denoised: Value): Value {
  const { config } = fusion;
  const network = requireFusionNetwork(fusion.network);
  const [, , height, width] = denoised.shape as [number, number, number, number];
  const inputs = [input('restored', [1, 3, height, width]), denoised, input('t', [1])];
  if (network.split === undefined) return network.build(config, scope, inputs);
  const known = knownFeatures(fusion, height, width);
  return network.split.finish(config, scope, input('known', known.shape), inputs);
}
