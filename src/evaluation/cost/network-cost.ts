import { input, ParameterScope, type Value } from '../../graph/index.js';
import type { Network } from '../../networks/network.js';
import { ParameterError } from '../../tensor/errors.js';
import { type GraphCost, graphCost, type LayerShare, layerShares } from './graph-cost.js';

/** Extents in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** A network with its configuration; weights are not needed. */
export interface PlainNetwork {
  readonly network: Network;
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

/** The result whose cost is told unless a size is given: 720p. */
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
  const shapes = network.inputShapes(config, { batch: 1, ...size });
  const inputs = shapes.map((shape, index) => input(`input${index}`, shape));
  return network.build(config, new ParameterScope(), inputs);
}

/** @throws ParameterError for extents that are no positive integers. */
export function requirePixels(size: PixelSize): void {
  for (const name of ['width', 'height'] as const)
    if (!Number.isInteger(size[name]) || size[name] < 1)
      throw new ParameterError(name, 'a positive number of pixels', size[name]);
}

function defaultInput({ network, config }: PlainNetwork): PixelSize {
  return inputFor(DEFAULT_RESULT, network.scale(config));
}

/** The smallest input of which a result is made. */
export function inputFor({ width, height }: PixelSize, scale: number): PixelSize {
  return { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
}
