import { type Camera, processToSrgb } from '../../degradation/camera/camera.js';
import { buildBurstRestorer, requireBurstRestorer } from '../../networks/roles.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ModelError, ParameterError } from '../../utils/errors.js';
import { allFinite } from '../../utils/finite.js';
import type { Module } from '../../weights/module-file.js';
import type { DegradedInput, InputKind } from '../image-input.js';
import { isOnnx, nameOf, type PackModule } from '../pack-module.js';
import { cutTile } from '../tiles/tiling.js';
import { chooseFrames, framesOf } from './burst-frames.js';
import { type EstimatedMotion, estimateMotions } from './estimate-motion.js';
import { cutMovedTile, needsMove } from './rigid-motion.js';

/**
 * A burst of RAW frames, which the restoration network aligns and joins in linear light; x_IR is
 * what the camera makes of that. Frames are cut where they show what the reference shows; the
 * margin leaves room for the movement that is left: 32 pixels of the mosaic.
 */
export const burstKind: InputKind<'burst'> = {
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

/** How a frame of a burst moved against the reference, and whether it was followed. */
export interface FrameMotion {
  /** At the centre, to the right and downwards, in pixels of the mosaic. */
  readonly x: number;
  readonly y: number;
  /** Counter-clockwise as seen. */
  readonly degrees: number;
  /** Of the frame's detail with the reference's, in [-1, 1]; 0 where nothing was compared. */
  readonly correlation: number;
  /**
   * 'small': less than 4 pixels of the mosaic everywhere, which is left to the network; 'followed':
   * more, tiles are cut that much further on; 'different': the frame shows something else and is
   * left out; 'unknown': nothing can be told, the frame is cut where it lies.
   */
  readonly state: 'small' | 'followed' | 'different' | 'unknown';
}

/** How a burst is fitted to a network. */
export interface BurstFit {
  /** Frames at most; the sharpest stay. Default: all that the network takes. */
  readonly most?: number | undefined;
  /** Whether tiles follow the frames' motion, default; else frames are cut where they lie. */
  readonly align?: boolean | undefined;
}

/** A burst fitted to a restoration network, or the network to the burst. */
export interface FittedBurstInput {
  readonly input: DegradedInput;
  readonly restorer: Module;
  readonly frames: FrameChoice;
  /** Of each frame of the burst; none where it was not asked for. */
  readonly motions: readonly FrameMotion[];
}

/** Pixels of the mosaic for a packed one. */
const PER_PACKED = 2;

const fitted = new WeakMap<Module, Map<number, Module>>();

/**
 * A burst as the input of a restoration network. Frames that do not show what the reference shows
 * are left out. A network of a fixed number of frames gets the sharpest ones, or the reference again
 * where frames lack; others take all.
 * @throws ParameterError for frames of another or of different shapes, or values that are not
 * finite; ModelError for a network that takes no bursts.
 */
export function burstInput(
  { frames, camera }: Burst,
  restorer: PackModule,
  { most = Number.POSITIVE_INFINITY, align = true }: BurstFit = {},
): FittedBurstInput {
  const given = 'data' in frames ? splitFrames(frames) : frames;
  requireFrames(given);
  if (!(most >= 1 && (Number.isInteger(most) || most === Number.POSITIVE_INFINITY)))
    throw new ParameterError('frames', 'a positive integer', most);
  restorerFor(restorer, Math.min(given.length, most));
  const estimated = align ? estimateMotions(given) : [];
  const alike = [...given.keys()].filter((frame) => estimated[frame]?.state !== 'different');
  const wanted = Math.min(alike.length, most);
  const { module, places } = restorerFor(restorer, wanted);
  const chosen = chooseFrames(
    alike.map((frame) => given[frame]!),
    Math.min(wanted, places),
  );
  const used = chosen.used.map((place) => alike[place]!);
  while (used.length < places) used.push(0);
  for (const frame of new Set(used))
    if (!allFinite(given[frame]!.data))
      throw new ParameterError('burst', 'finite values', `NaN or infinity in frame ${frame}`);
  const size = given[0]!.shape as [number, number, number];
  const motions = estimated.map((own) => frameMotion(own, size));
  return {
    restorer: module,
    frames: { used, left: [...given.keys()].filter((frame) => !used.includes(frame)) },
    motions,
    input: {
      height: size[1],
      width: size[2],
      heldBytes: given.reduce((sum, { data }) => sum + data.byteLength, 0),
      cut: (tile) => {
        const [rows, columns] = [tile.rows.length, tile.columns.length];
        const cut = tensor([1, places, 4, rows, columns]);
        used.forEach((frame, place) => {
          const part =
            motions[frame]?.state === 'followed'
              ? cutMovedTile(given[frame]!, given[0]!, tile, estimated[frame]!.motion)
              : cutTile(given[frame]!.data, size, tile);
          cut.data.set(part.data, place * part.data.length);
        });
        return cut;
      },
      finish: (output) => processToSrgb(output, camera),
    },
  };
}

function frameMotion(
  { motion, correlation, state }: EstimatedMotion,
  size: readonly number[],
): FrameMotion {
  return {
    x: PER_PACKED * motion.x,
    y: PER_PACKED * motion.y,
    degrees: (motion.turn * 180) / Math.PI,
    correlation,
    state: state !== 'found' ? state : needsMove(motion, size) ? 'followed' : 'small',
  };
}

/** The network for so many frames, and the frames that it takes then. */
function restorerFor(
  restorer: PackModule,
  frames: number,
): { readonly module: Module; readonly places: number } {
  if (isOnnx(restorer))
    throw new ModelError(nameOf(restorer), 'is an ONNX file, which restores no bursts here');
  const { config } = restorer;
  const network = requireBurstRestorer(restorer.network);
  const fixed = network.frames(config);
  if (fixed === frames || network.withFrames === undefined)
    return { module: restorer, places: fixed };
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
