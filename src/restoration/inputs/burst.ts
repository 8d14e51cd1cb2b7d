import type { Module } from '../../checkpoints/module-file.js';
import { type Camera, processToSrgb } from '../../degradation/camera/camera.js';
import { chooseFrames, framesOf } from '../../networks/bsrt/frames.js';
import { buildBurstRestorer, burstFrames } from '../../networks/roles.js';
import { ModelError, ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { allFinite } from '../finite.js';
import { isOnnx, nameOf, type PackModule } from '../pack-module.js';
import { cutTile } from '../tiling.js';
import type { DegradedInput, InputKind } from './input-kind.js';

/**
 * A burst of RAW frames, which the restoration network aligns and joins in linear light; x_IR is
 * what the camera makes of that. The margin leaves room for the movement between frames: 32 pixels
 * of the mosaic.
 */
export const burstKind: InputKind = {
  name: 'burst',
  cell: 2,
  margin: 16,
  ramp: 8,
  takesOnnx: false,
  build: ({ network, config }, scope, height, width) =>
    buildBurstRestorer(network, config, scope, height, width),
};

/** Frames of one scene, the reference first. */
export interface Burst {
  /** [frames, 4, h, w], or [4, h, w] each: packed RGGB, linear in [0, 1]. */
  readonly frames: Tensor | readonly Tensor[];
  /** Makes sRGB of the sensor's linear colours. */
  readonly camera: Camera;
}

/** Which frames of a burst a restoration used. */
export interface FrameChoice {
  /** Frame of the burst in each place of the network's input, the reference 0 first. */
  readonly used: readonly number[];
  /** Frames that were left out. */
  readonly left: readonly number[];
}

/** A burst fitted to a restoration network, or the network to the burst. */
export interface FittedBurstInput {
  readonly input: DegradedInput;
  readonly restorer: Module;
  readonly frames: FrameChoice;
}

const fitted = new WeakMap<Module, Map<number, Module>>();

/**
 * A burst as the input of a restoration network. A network of a fixed number of frames gets the
 * sharpest ones, or the reference again where frames lack; others take all.
 * @param most frames at most; the sharpest stay.
 * @throws ParameterError for frames of another or of different shapes, or values that are not
 * finite; ModelError for a network that takes no bursts.
 */
export function burstInput(
  { frames, camera }: Burst,
  restorer: PackModule,
  most = Number.POSITIVE_INFINITY,
): FittedBurstInput {
  const given = 'data' in frames ? splitFrames(frames) : frames;
  requireFrames(given);
  if (!(most >= 1 && (Number.isInteger(most) || most === Number.POSITIVE_INFINITY)))
    throw new ParameterError('frames', 'a positive integer', most);
  const wanted = Math.min(given.length, most);
  const { module, places } = restorerFor(restorer, wanted);
  const kept = chooseFrames(given, Math.min(wanted, places));
  const used = [...kept.used];
  while (used.length < places) used.push(0);
  for (const frame of new Set(used))
    if (!allFinite(given[frame]!.data))
      throw new ParameterError('burst', 'finite values', `NaN or infinity in frame ${frame}`);
  const [, height, width] = given[0]!.shape as [number, number, number];
  return {
    restorer: module,
    frames: { used, left: kept.left },
    input: {
      height,
      width,
      cut: (tile) => {
        const [rows, columns] = [tile.rows.length, tile.columns.length];
        const cut = tensor([1, places, 4, rows, columns]);
        used.forEach((frame, place) => {
          const part = cutTile(given[frame]!.data, [4, height, width], tile);
          cut.data.set(part.data, place * part.data.length);
        });
        return cut;
      },
      finish: (output) => processToSrgb(output, camera),
    },
  };
}

/** The network for so many frames, and the frames that it takes then. */
function restorerFor(
  restorer: PackModule,
  frames: number,
): { readonly module: Module; readonly places: number } {
  if (isOnnx(restorer))
    throw new ModelError(nameOf(restorer), 'is an ONNX file, which restores no bursts here');
  const { network, config } = restorer;
  const own = burstFrames(network, config);
  if (own === undefined) throw new ModelError(network.name, 'does not restore bursts');
  if (own === frames || network.withFrames === undefined) return { module: restorer, places: own };
  // One object for each number of frames, so that a runner knows graphs that it has compiled.
  const known = fitted.get(restorer) ?? new Map<number, Module>();
  fitted.set(restorer, known);
  const module = known.get(frames) ?? {
    ...restorer,
    config: network.withFrames(config, frames),
  };
  known.set(frames, module);
  return { module, places: frames };
}

function splitFrames(frames: Tensor): Tensor[] {
  if (frames.shape.length !== 4)
    throw new ParameterError('burst', 'the shape [frames, 4, height, width]', frames.shape);
  return framesOf(frames);
}

function requireFrames(frames: readonly Tensor[]): void {
  const [first] = frames;
  if (first === undefined) throw new ParameterError('burst', 'at least one frame', 0);
  for (const { shape } of frames) {
    const [channels, height = 0, width = 0] = shape;
    if (shape.length !== 3 || channels !== 4 || height < 1 || width < 1)
      throw new ParameterError('burst', 'frames of the shape [4, height, width]', shape);
    if (shape.join() !== first.shape.join())
      throw new ParameterError('burst', `frames of one shape, [${first.shape}]`, shape);
  }
}
