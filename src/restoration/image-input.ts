import { input, type ParameterScope, type Value } from '../graph/index.js';
import { buildRestorer } from '../networks/roles.js';
import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { allFinite } from '../utils/finite.js';
import type { Module } from '../weights/module-file.js';
import { cutTile, type Tile } from './tiles/tiling.js';

/** What a restoration network takes: an image, or a burst of frames. */
export interface InputKind<Name extends 'image' | 'burst' = 'image' | 'burst'> {
  readonly name: Name;
  /**
   * Pixels of the input along each side for one place of the network's grid: 2 where it takes the
   * four colours of a mosaic's cell together.
   */
  readonly cell: number;
  /** Places next to a cut that are thrown away where no margin makes tiles exact. */
  readonly margin: number;
  /** Places over which such tiles are blended. */
  readonly ramp: number;
  /** Whether the network may be an ONNX file. */
  readonly takesOnnx: boolean;
  /**
   * The network's output [1, 3, H, W] for the input `degraded` of a tile of height x width places.
   * @throws ModelError where the network takes or gives something else.
   */
  build(restorer: Module, scope: ParameterScope, height: number, width: number): Value;
}

/** A degraded input, cut as a restoration network takes it. */
export interface DegradedInput {
  /** In places of the network's grid. */
  readonly height: number;
  readonly width: number;
  /** Bytes of memory that it holds; default: none, as where it is read tile by tile. */
  readonly heldBytes?: number;
  /** The places of a tile, in the shape of the network's input. */
  cut(tile: Tile): Tensor | Promise<Tensor>;
  /** x_IR in sRGB from the network's own output [3, H, W], tile by tile or whole; may reuse it. */
  finish(output: Tensor): Tensor;
}

/** One sRGB image, restored in sRGB. */
export const imageKind: InputKind<'image'> = {
  name: 'image',
  cell: 1,
  margin: 16,
  ramp: 32,
  takesOnnx: true,
  build: ({ network, config }, scope, height, width) =>
    buildRestorer(network, config, scope, input('degraded', [1, 3, height, width])),
};

/**
 * An image [3, H, W] in [0, 1].
 * @throws ParameterError for another shape or values that are not finite.
 */
export function imageInput(image: Tensor): DegradedInput {
  const [channels, height, width] = image.shape as [number, number, number];
  if (image.shape.length !== 3 || channels !== 3 || height < 1 || width < 1)
    throw new ParameterError('image', 'the shape [3, height, width]', image.shape);
  if (!allFinite(image.data)) throw new ParameterError('image', 'finite values', 'NaN or infinity');
  return {
    height,
    width,
    heldBytes: image.data.byteLength,
    cut: (tile) => cutTile(image.data, [channels, height, width], tile),
    finish: (output) => output,
  };
}
