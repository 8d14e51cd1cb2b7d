import { cost, ParameterScope, topologicalOrder, type Value } from '../graph/index.js';
import { graphMemory } from '../graph/lowering/peak-memory.js';
import {
  type ImageNetwork,
  networkInputs,
  outputScale,
  type SizeRule,
} from '../networks/network.js';
import { type Role, roleOf, signatureOf } from '../networks/roles.js';
import { sizeOf } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import type { Module } from './module-file.js';

/** How `ModuleFacts.macsPerMegapixel` is counted, for whoever prints it. */
export const COUNTING_RULE =
  'multiply-adds of convolutions and matrix products, one multiply-add counting once, transposed convolutions by their input; elementwise work is not counted';

/** Whether an image may be restored in tiles. */
export type Tiling =
  /**
   * Tiles with `radius` more pixels on each side that start at multiples of `size.multiple` equal
   * the whole.
   */
  | { readonly kind: 'exact'; readonly radius: number }
  /** Tiles change pixels slightly: the network has a large receptive field, or shifted windows. */
  | { readonly kind: 'approximate' }
  /** Tiles change every pixel: the network pools features over its whole input. */
  | { readonly kind: 'unsafe' };

/** The facts of a module that are known without running it. */
export interface ModuleFacts {
  readonly architecture: string;
  /** In the reference's names. */
  readonly configuration: unknown;
  /** Trainable scalars. */
  readonly parameters: number;
  /** Absent where the network processes other images than RGB, such as greyscale ones. */
  readonly role?: Role;
  /** Output height over input height. */
  readonly scale: number;
  /** Channels of the image or of each frame that goes in, the noise level's map among them. */
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Frames of a burst; absent where single images go in. */
  readonly frames?: number;
  readonly size: SizeRule;
  /** True where the network accepts `size.minimum` only. */
  readonly fixedSize: boolean;
  readonly tiling: Tiling;
  /** Multiply-adds per 10^6 pixels of input (of one frame), counted by `COUNTING_RULE`. */
  readonly macsPerMegapixel: number;
  /**
   * Bytes that intermediate results take at once per 10^6 pixels of input (of one frame), where
   * each operator runs after the other; float32, weights and inputs not counted.
   */
  readonly activationBytesPerMegapixel: number;
}

const MEGAPIXEL = 1e6;
/** Large enough that what does not grow with the image hardly counts. */
const MEASURED_SIDE = 64;

/** The facts of a module, without running it. */
export function describeModule({
  network,
  config,
  statedConfig = config,
  weights,
}: Module): ModuleFacts {
  const signature = signatureOf(network, config);
  const role = roleOf(network, config, signature);
  const size = network.sizeRule(config);
  const fixedSize = !takes(network, config, size.minimum + size.multiple);
  const side = fixedSize ? size.minimum : measuredSide(size);
  const output = build(network, config, side);
  const [first] = signature.inputs;
  const pixels = side ** 2 / MEGAPIXEL;
  return {
    architecture: network.name,
    configuration: statedConfig,
    parameters: [...weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    ...(role === undefined ? {} : { role }),
    scale: outputScale(network, config),
    inputChannels: first!.at(-3)!,
    outputChannels: signature.output[1]!,
    ...(network.role === 'burst-restorer' ? { frames: network.frames(config) } : {}),
    size,
    fixedSize,
    tiling: tilingOf(network.receptiveRadius(config), output),
    macsPerMegapixel: cost([output]).macs / pixels,
    activationBytesPerMegapixel: graphMemory([output]).peak / pixels,
  };
}

function measuredSide({ multiple, minimum }: SizeRule): number {
  return multiple * Math.ceil(Math.max(MEASURED_SIDE, minimum) / multiple);
}

function build(network: ImageNetwork, config: unknown, side: number): Value {
  const inputs = networkInputs(network, config, { height: side, width: side });
  return network.build(config, new ParameterScope(), inputs);
}

function takes(network: ImageNetwork, config: unknown, side: number): boolean {
  try {
    build(network, config, side);
    return true;
  } catch (error) {
    if (error instanceof ParameterError) return false;
    throw error;
  }
}

function tilingOf(radius: number | undefined, output: Value): Tiling {
  if (radius !== undefined) return { kind: 'exact', radius };
  return { kind: topologicalOrder([output]).some(poolsImage) ? 'unsafe' : 'approximate' };
}

/** True for a reduction of [N, C, H, W] over both sides of an image. */
function poolsImage({ operator, attributes, inputs }: Value): boolean {
  if (!operator.name.startsWith('reduce') || inputs[0]!.shape.length !== 4) return false;
  const { axes } = attributes as { readonly axes: readonly number[] };
  return axes.includes(2) && axes.includes(3);
}
