import {
  type Cost,
  cost,
  graphMemory,
  type LayerCost,
  layerCosts,
  ParameterScope,
  splitConvolutions,
  type Value,
} from '../../graph/index.js';
import { type ImageNetwork, networkInputs, outputScale } from '../../networks/network.js';
import { ParameterError } from '../../utils/errors.js';

/** Extents in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** A network with its configuration; weights are not needed. */
export interface PlainNetwork {
  readonly network: ImageNetwork;
  /** In the network's own checked form. */
  readonly config: unknown;
}

/** What one evaluation of a network takes. */
export interface NetworkCost extends GraphCost {
  readonly network: string;
  readonly input: PixelSize;
  readonly outputShape: readonly number[];
  /** Multiply-adds for each pixel of input (of one frame). */
  readonly macsPerPixel: number;
}

/** The default size of the result: 720p. */
export const DEFAULT_RESULT: PixelSize = { width: 1280, height: 720 };

/**
 * What a network takes for an input of any size. Nothing runs, and no weights are needed.
 * @param size of the input, or of each frame, in pixels of its own grid; default: the one for
 * a result of 1280 x 720.
 * @throws ParameterError for a size that is none, or that the network does not take.
 * @example
 * networkCost({ network: mirnet, config: parseConfiguration(mirnet, { n_MSRB: 1 }) })
 */
export function networkCost(module: PlainNetwork, size = defaultInput(module)): NetworkCost {
  const output = networkGraph(module, size);
  const counted = graphCost(output);
  return {
    network: module.network.name,
    input: size,
    outputShape: output.shape,
    ...counted,
    macsPerPixel: counted.macs / (size.width * size.height),
  };
}

/** The operators of a network in the order of evaluation, for an input of a size. */
export function networkLayers(module: PlainNetwork, size = defaultInput(module)): LayerShare[] {
  return layerShares(networkGraph(module, size));
}

/** A network's graph for a batch of one, its inputs named `input0` and so on. */
export function networkGraph({ network, config }: PlainNetwork, size: PixelSize): Value {
  requirePixels(size);
  return network.build(config, new ParameterScope(), networkInputs(network, config, size));
}

/** @throws ParameterError for extents that are no positive integers. */
export function requirePixels(size: PixelSize): void {
  for (const name of ['width', 'height'] as const)
    if (!Number.isInteger(size[name]) || size[name] < 1)
      throw new ParameterError(name, 'a positive number of pixels', size[name]);
}

function defaultInput({ network, config }: PlainNetwork): PixelSize {
  return inputFor(DEFAULT_RESULT, outputScale(network, config));
}

/** The smallest input of which a result is made. */
export function inputFor({ width, height }: PixelSize, scale: number): PixelSize {
  return { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
}

/** How every figure of cost is counted, to be printed beside it. */
export const COST_RULE =
  'MAC: multiply-adds of convolutions and matrix products, one multiply-add counting once, ' +
  'transposed convolutions by their input; elementwise work is not counted. FLOP: two for each MAC. ' +
  'Memory: float32 results of operators that live at the same time as they run one after the ' +
  'other, without weights and inputs';

/** What one evaluation of a graph takes. */
export interface GraphCost extends Cost {
  /** Most bytes that results of operators take at once. */
  readonly activationBytes: number;
}

/** Counts a graph as it runs once its weights are known; it needs none of them. */
export function graphCost(output: Value): GraphCost {
  const everything = { has: () => true };
  const { output: lowered } = splitConvolutions({ output }, everything);
  return { ...cost([output]), activationBytes: graphMemory([lowered], everything).peak };
}

/** An operator with its part in the work of the whole. */
export interface LayerShare extends LayerCost {
  /** Of the multiply-adds, in [0, 1]. */
  readonly share: number;
}

/** The operators of a graph in the order of evaluation. */
export function layerShares(output: Value): LayerShare[] {
  const layers = layerCosts([output]);
  const total = layers.reduce((sum, { macs }) => sum + macs, 0);
  return layers.map((layer) => ({ ...layer, share: total === 0 ? 0 : layer.macs / total }));
}
