import { createSchedule, type State } from '../diffusion/index.js';
import type { GraphRunner } from '../graph/graph-runner.js';
import { input, lowerToOnnx, ParameterScope } from '../graph/index.js';
import { requireFusionNetwork } from '../networks/roles.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { copyWindow, isWithin, type PlaneSize, type Rectangle } from '../tensor/window.js';
import { ParameterError } from '../utils/errors.js';
import { type Module, moduleKey } from '../weights/module-file.js';
import { PackGraphs } from './pack-graphs.js';
import { type RestorationFacts, type RestoreOptions, restoreRegions } from './pipeline.js';
import type { Restoration } from './restore.js';
import { layOutResult } from './tiles/tile-settings.js';
import { blendTile, cutScaledTile, touches } from './tiles/tiling.js';

/** One evaluation of a chain in a part of the image; images are [3, height, width]. */
export interface TracedStep {
  readonly index: number;
  readonly t: number;
  /** The time of the draw that follows; 0 for the last. */
  readonly next: number;
  /** Deviation of the noise in x_t / sqrt(abar_t), which is what the denoiser is given. */
  readonly sigma: number;
  /** x_t, not clamped. */
  readonly state: Tensor;
  /** x_D, what the denoiser alone makes of it, not clamped. */
  readonly denoised: Tensor;
  /** The estimate of x_0 that the fusion network makes of x_IR and x_D, not clamped. */
  readonly estimate: Tensor;
  /** How far it leans on x_IR; undefined where the network has no weights of the time alone. */
  readonly weights: FusionWeights | undefined;
}

/** The course of a restoration in a part of the image. */
export interface Trace {
  readonly facts: RestorationFacts;
  /** x_IR, not clamped. */
  readonly restored: Tensor;
  /** Of the chain's steps those that were asked for, in their order. */
  readonly steps: readonly TracedStep[];
  /** The result, in [0, 1]. */
  readonly image: Tensor;
}

/** What is followed of a restoration. */
export interface TraceOptions extends Omit<RestoreOptions, 'region' | 'samples' | 'onStep'> {
  /** Part of the result; default: all. */
  readonly part?: Rectangle | undefined;
  /** Whether a step is wanted, by its index and the number of steps; default: every one. */
  readonly wanted?: ((index: number, steps: number) => boolean) | undefined;
}

const WHOLE = 2 ** 30;

/**
 * Restores an input and keeps what the chain goes through in a part of it. The restoration is the
 * same as without: for x_D the denoiser runs once more for each step that is wanted, on the tiles
 * that the part needs. All pixels go through the chain at once, whatever their number.
 * @throws ParameterError for a part that leaves the result; what `restoreRegions` throws.
 */
export async function traceRestoration(
  restoration: Restoration,
  runner: GraphRunner,
  { part: asked, wanted = () => true, ...options }: TraceOptions = {},
): Promise<Trace> {
  const { pack, input, scale } = restoration;
  const size = [3, input.height * scale, input.width * scale] as const;
  const part = asked ?? { top: 0, left: 0, height: size[1], width: size[2] };
  if (!isWithin(part, { height: size[1], width: size[2] }))
    throw new ParameterError(
      'part',
      `a part of the ${size[2]} x ${size[1]} pixels of the result`,
      `${part.width} x ${part.height} at ${part.left}, ${part.top}`,
    );
  const { alphaBar } = createSchedule();
  const graphs = new PackGraphs(pack, runner);
  const tile = options.tile ?? pack.manifest.tile;
  const tiles = layOutResult(pack, { height: size[1], width: size[2], tile });
  const needed = tiles.filter((own) => touches(own, part, 1));
  const denoised = async (x: Float64Array, t: number, sigma: number): Promise<Tensor> => {
    const made = tensor([3, part.height, part.width]);
    for (const own of needed) {
      const noisy = cutScaledTile(x, size, own, 1 / Math.sqrt(alphaBar[t]!));
      const feeds = { noisy, sigma: tensor([1, 1, 1, 1], [sigma]) };
      blendTile(await graphs.run('denoise', own, feeds), made.data, part, own);
      await runner.checkpoint();
    }
    return made;
  };
  const steps: TracedStep[] = [];
  let end: Pick<Trace, 'restored' | 'image'> | undefined;
  const facts = await restoreRegions(
    restoration,
    runner,
    {
      ...options,
      region: WHOLE,
      onStep: async ({ x, estimate, index, steps: count, ...step }) => {
        if (!wanted(index, count)) return;
        const { t, next, sigma, conditioningTime } = step;
        steps.push({
          ...{ index, t, next, sigma },
          state: cut(x, size, part),
          denoised: await denoised(x, t, sigma),
          estimate: cut(estimate, size, part),
          weights: await fusionWeights(pack.fusion, runner, conditioningTime),
        });
      },
    },
    ({ restored, image }) => {
      end = { restored: cut(restored.data, size, part), image: cut(image.data, size, part) };
    },
  );
  return { facts, steps, ...end! };
}

/** A part of planes in single precision. */
function cut(planes: State, size: PlaneSize, part: Rectangle): Tensor {
  const result = tensor([size[0], part.height, part.width]);
  copyWindow(planes, size, part, result.data);
  return result;
}

/** Weights of x_IR in (0, 1) at a time; the rest is x_D's. */
export interface FusionWeights {
  /** Of every feature that is mixed. */
  readonly features?: readonly number[];
  /** Of red, green and blue, where the images themselves are averaged. */
  readonly colours?: readonly number[];
}

/** How far a fusion network leans on x_IR at time t; undefined where that is no function of t. */
async function fusionWeights(
  fusion: Module,
  runner: GraphRunner,
  t: number,
): Promise<FusionWeights | undefined> {
  const { config, weights } = fusion;
  const network = requireFusionNetwork(fusion.network);
  if (network.mixing === undefined) return undefined;
  const graph = await runner.compile(`mixing ${moduleKey(fusion)}`, () => {
    const outputs = network.mixing!(config, new ParameterScope(), input('t', [1]));
    const named = Object.entries(outputs).filter(([, value]) => value !== undefined);
    return lowerToOnnx({ outputs: Object.fromEntries(named), weights }).bytes;
  });
  const found = await graph.run({ t: tensor([1], [t]) });
  const entries = Object.entries(found).map(([name, { data }]) => [name, Array.from(data, Number)]);
  return Object.fromEntries(entries);
}
