import type { z } from 'zod';
import { input, type ParameterScope } from '../graph/leaves.js';
import type { Value } from '../graph/value.js';
import { ParameterError } from '../utils/errors.js';
import { checkSchema } from '../utils/schema.js';

/** The sizes that a network processes internally; it pads other inputs by itself. */
export interface SizeRule {
  /** Height and width are padded to a multiple of this. */
  readonly multiple: number;
  /** Height and width are padded to at least this. */
  readonly minimum: number;
}

/** How many images a graph takes at once, and their size in pixels. */
export interface ImageSize {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** Keys of a state dictionary with the shapes of their tensors. */
export type StateShapes = ReadonlyMap<string, readonly number[]>;

/** What every architecture has, whatever its role. `C` is its checked configuration. */
export interface Architecture<C = unknown> {
  readonly name: string;
  /** Checks and completes a configuration read from JSON. */
  readonly schema: z.ZodType<C>;
  /**
   * Declares the parameters in `scope`, under the names of the reference checkpoint, and builds
   * the output for inputs of a static size. The role defines what the inputs are.
   */
  build(config: C, scope: ParameterScope, inputs: readonly Value[]): Value;
  /** Shapes of the inputs for a batch of images of height x width pixels, in the order of `build`. */
  inputShapes(config: C, size: ImageSize): readonly (readonly number[])[];
  sizeRule(config: C): SizeRule;
  /** Second names that a reference checkpoint gives a parameter, each with the name declared here. */
  aliases?(config: C): ReadonlyMap<string, string>;
  /** Names of an older form of the reference checkpoint, each with the name declared here. */
  olderNames?(config: C): ReadonlyMap<string, string>;
  /**
   * The configuration, as `schema` reads it, of a reference checkpoint of this architecture, from
   * keys and shapes alone, in current or older names; `undefined` for other checkpoints. What
   * shapes do not determine is omitted and takes the default of the published checkpoints.
   */
  configure?(state: StateShapes): Record<string, unknown> | undefined;
  /** True for a key of a reference checkpoint whose value is computed here, not loaded. */
  isBuffer?(key: string): boolean;
}

/** An architecture whose output is an image, which large images pass through in tiles. */
interface TiledArchitecture<C> extends Architecture<C> {
  /**
   * Pixels of input on each side that one output pixel depends on, where a tile with that much
   * overlap equals the same part of the whole output; `undefined` where no overlap makes it exact
   * (global pooling, shifted windows).
   */
  receptiveRadius(config: C): number | undefined;
}

/** E[x0 | y]: an image [N, C, H, W] to [N, C, scale H, scale W], in [0, 1]. */
export interface RestorerNetwork<C = unknown> extends TiledArchitecture<C> {
  readonly role: 'restorer';
  /** Output height over input height. */
  scale(config: C): number;
}

/**
 * How a denoiser reads the noise level: as a map in the last channel of the image, or as a second
 * input [N, 1, 1, 1] with the standard deviation.
 */
export type NoiseInput = 'channel' | 'input';

/** E[x0 | x0 + sigma noise]: a noisy image [N, C, H, W] and its noise level to [N, C, H, W]. */
export interface DenoiserNetwork<C = unknown> extends TiledArchitecture<C> {
  readonly role: 'denoiser';
  noiseInput(config: C): NoiseInput;
}

/** An architecture for both roles: a denoiser where its configuration has a noise input. */
export interface RestorerOrDenoiserNetwork<C = unknown> extends TiledArchitecture<C> {
  readonly role: 'restorer-or-denoiser';
  scale(config: C): number;
  noiseInput(config: C): NoiseInput | undefined;
}

/**
 * E[x0 | y_1, ..., y_F]: a burst of packed RGGB frames [N, F, 4, H, W], the reference first, to
 * linear RGB [N, 3, scale H, scale W].
 */
export interface BurstRestorerNetwork<C = unknown> extends TiledArchitecture<C> {
  readonly role: 'burst-restorer';
  scale(config: C): number;
  /** Frames of its input. */
  frames(config: C): number;
  /** The configuration for another number of frames, where the same weights take any number. */
  withFrames?(config: C, frames: number): C;
  /**
   * As `build`, together with the estimated flow of every frame but the first,
   * [N, frames - 1, 2, H, W]: horizontal and vertical displacement in pixels of the mosaic (two
   * per pixel of the packed frames), so that frame(p + flow) matches the first frame at p.
   */
  buildWithFlow?(
    config: C,
    scope: ParameterScope,
    inputs: readonly Value[],
  ): { readonly output: Value; readonly flows: Value };
}

/**
 * E[x0 | y, x_t]: a restored image [N, 3, H, W], a denoised image of the same shape and timesteps
 * [N] to [N, 3, H, W].
 */
export interface FusionNetwork<C = unknown> extends TiledArchitecture<C> {
  readonly role: 'fusion';
  /**
   * The network in two parts, so that what depends on the restored image alone is computed once
   * and not at every step: `finish(precompute(restored), [restored, denoised, t])` is `build`.
   */
  readonly split?: {
    precompute(config: C, scope: ParameterScope, restored: Value): Value;
    finish(config: C, scope: ParameterScope, known: Value, inputs: readonly Value[]): Value;
  };
  /**
   * Weights of the restored image at timesteps [N], in (0, 1), [N, weights], for its features or
   * for the colours themselves; the denoised image has the rest.
   */
  mixing?(
    config: C,
    scope: ParameterScope,
    t: Value,
  ): { readonly features?: Value; readonly colours?: Value };
}

/**
 * An image quality metric: RGB images [N, 3, H, W] in [0, 1] to scores [N]. Full-reference metrics
 * take the image, then its reference; no-reference metrics the image alone.
 */
export interface PerceptualNetwork<C = unknown> extends Architecture<C> {
  readonly role: 'perceptual';
  /** 2 where an image is compared with its reference, 1 where it is judged alone. */
  readonly images: 1 | 2;
  /** Whether a better image has a lower or a higher score. */
  readonly better: 'lower' | 'higher';
}

/** A network whose output is an image. */
export type ImageNetwork<C = unknown> =
  | RestorerNetwork<C>
  | DenoiserNetwork<C>
  | RestorerOrDenoiserNetwork<C>
  | BurstRestorerNetwork<C>
  | FusionNetwork<C>;

/** An architecture, general in its configuration; `role` says what it computes. */
export type Network<C = unknown> = ImageNetwork<C> | PerceptualNetwork<C>;

/** `noiseInput` of an architecture that reads a noise map in one channel more than it outputs. */
export function noiseChannel(inputs: number, outputs: number): NoiseInput | undefined {
  return inputs === outputs + 1 ? 'channel' : undefined;
}

/**
 * Graph inputs `input0`, `input1`, ... of a network for one image of a size; default: the smallest
 * that it takes.
 */
export function networkInputs(
  network: Architecture,
  config: unknown,
  size: Omit<ImageSize, 'batch'> = smallestSize(network, config),
): readonly Value[] {
  return network
    .inputShapes(config, { batch: 1, ...size })
    .map((shape, index) => input(`input${index}`, shape));
}

function smallestSize(network: Architecture, config: unknown): Omit<ImageSize, 'batch'> {
  const { minimum } = network.sizeRule(config);
  return { height: minimum, width: minimum };
}

/** Output height over input height. Denoisers and fusion networks keep the size. */
export function outputScale(network: ImageNetwork, config: unknown): number {
  return 'scale' in network ? network.scale(config) : 1;
}

/**
 * A network's configuration, checked and completed.
 * @throws ParameterError that names the first entry at fault.
 */
export function parseConfiguration<C>(
  network: Pick<Architecture<C>, 'name' | 'schema'>,
  json: unknown,
): C {
  const checked = checkSchema(network.schema, json);
  if ('data' in checked) return checked.data;
  const [{ path, expected, received }] = checked.misfits;
  throw new ParameterError([network.name, ...path].join('.'), expected, received);
}

/** More consecutive layers than any network has. */
const MOST_LAYERS = 256;

/** The shape of a tensor of a state dictionary; `undefined` unless it has that many dimensions. */
export function shapeOf(
  state: StateShapes,
  key: string,
  dimensions: number,
): readonly number[] | undefined {
  const shape = state.get(key);
  return shape?.length === dimensions ? shape : undefined;
}

/** The number of consecutive indices from 0 whose `key` is in a state dictionary. */
export function countLayers(state: StateShapes, key: (index: number) => string): number {
  let count = 0;
  while (count < MOST_LAYERS && state.has(key(count))) count += 1;
  return count;
}

/** Features of a layer and of its hidden layer, which has a ratio times as many. */
export type HiddenFeatures = readonly [features: number, hidden: number];

/** Published ratios that have more digits than the simplest ones that fit. */
const PUBLISHED = [2.66, 2.667];
const MOST_DIGITS = 6;

/**
 * The ratio of a configuration from the layers that it resulted in: hidden features are the
 * features times the ratio, rounded down. A whole number if one fits, else a published one, else
 * the one with the fewest digits; `undefined` if none fits all.
 */
export function simplestRatio(layers: readonly HiddenFeatures[]): number | undefined {
  const fits = (ratio: number): boolean =>
    layers.every(([features, hidden]) => Math.floor(features * ratio) === hidden);
  const lowest = Math.max(...layers.map(([features, hidden]) => hidden / features));
  const rounded = (digits: number): number => Math.ceil(lowest * 10 ** digits) / 10 ** digits;
  const byDigits = Array.from({ length: MOST_DIGITS }, (_, digits) => rounded(digits + 1));
  return [rounded(0), ...PUBLISHED, ...byDigits, lowest].find(fits);
}
