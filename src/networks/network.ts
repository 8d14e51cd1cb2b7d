import type { z } from 'zod';
import type { ParameterScope } from '../graph/leaves.js';
import type { Value } from '../graph/value.js';
import { ParameterError } from '../utils/errors.js';
import { checkSchema } from '../utils/schema.js';

/** Which sizes a network works on inside; it pads by itself. */
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

/** An architecture, general in its configuration. A new network is one object of this type. */
export interface Network<C = unknown> {
  readonly name: string;
  /** Checks and completes a configuration read from JSON. */
  readonly schema: z.ZodType<C>;
  /**
   * Declares the parameters in `scope`, under the names of the reference checkpoint, and builds
   * the output for inputs of a static size. What the inputs are is the network's own convention.
   */
  build(config: C, scope: ParameterScope, inputs: readonly Value[]): Value;
  /** Shapes of the inputs for a batch of images of height x width pixels, in the order of `build`. */
  inputShapes(config: C, size: ImageSize): readonly (readonly number[])[];
  /** Output height over input height. */
  scale(config: C): number;
  sizeRule(config: C): SizeRule;
  /**
   * Pixels of input on each side that one output pixel depends on, where a tile with that much
   * overlap gives the very pixels of the whole; `undefined` where it does not (global pooling,
   * shifted windows).
   */
  receptiveRadius(config: C): number | undefined;
  /**
   * A fusion network in two parts, so that what depends on the restored image alone is computed
   * once and not at every step: `finish(precompute(restored), [restored, denoised, t])` is `build`.
   */
  readonly split?: {
    precompute(config: C, scope: ParameterScope, restored: Value): Value;
    finish(config: C, scope: ParameterScope, known: Value, inputs: readonly Value[]): Value;
  };
  /**
   * How far a fusion network leans on the restored image at timesteps [N]: weights in (0, 1),
   * [N, weights], of its features or of the colours themselves; the rest is the denoised image's.
   */
  mixing?(
    config: C,
    scope: ParameterScope,
    t: Value,
  ): { readonly features?: Value; readonly colours?: Value };
  /**
   * The configuration for bursts of another number of frames, where the same weights take any
   * number.
   */
  withFrames?(config: C, frames: number): C;
  /**
   * A network that aligns the frames of a burst, with where it finds them: of every frame but the
   * first, [N, frames - 1, 2, H, W], across and down in pixels of the mosaic (two to a pixel of the
   * packed frames), so that frame(p + flow) shows what the first frame shows at p.
   */
  buildWithFlow?(
    config: C,
    scope: ParameterScope,
    inputs: readonly Value[],
  ): { readonly output: Value; readonly flows: Value };
  /** Second names that a reference checkpoint gives a parameter, each with the name declared here. */
  aliases?(config: C): ReadonlyMap<string, string>;
  /** Names of an older form of the reference checkpoint, each with the name declared here. */
  olderNames?(config: C): ReadonlyMap<string, string>;
  /**
   * The configuration, as `schema` reads it, of a reference checkpoint of this architecture, from
   * keys and shapes alone, in current or older names; `undefined` where they are not its own. What
   * shapes cannot tell is left out and takes the default of the published checkpoints.
   */
  configure?(state: StateShapes): Record<string, unknown> | undefined;
  /** True for a key of a reference checkpoint whose value is computed here, not loaded. */
  isBuffer?(key: string): boolean;
}

/** A network that judges images instead of making them. A new one is one object of this type. */
export interface PerceptualNetwork<C = unknown> {
  readonly name: string;
  /** Checks and completes a configuration read from JSON. */
  readonly schema: z.ZodType<C>;
  /** Whether a better image has a lower or a higher score. */
  readonly better: 'lower' | 'higher';
  /** 2 where an image is compared with its reference, 1 where it is judged alone. */
  images(config: C): 1 | 2;
  /** Smallest height and width that it takes. */
  minimum(config: C): number;
  /**
   * Declares the parameters in `scope`, under the names of the reference checkpoint, and builds
   * the scores [N] of RGB images [N, 3, H, W] in [0, 1]: the image, then its reference.
   */
  build(config: C, scope: ParameterScope, images: readonly Value[]): Value;
  /** As in `Network`. */
  aliases?(config: C): ReadonlyMap<string, string>;
  /** As in `Network`. */
  configure?(state: StateShapes): Record<string, unknown> | undefined;
  /** True for a key of a reference checkpoint whose value is computed here, not loaded. */
  isBuffer?(key: string): boolean;
}

/**
 * A network's configuration, checked and completed.
 * @throws ParameterError that names the first entry at fault.
 */
export function parseConfiguration<C>(
  network: Pick<Network<C>, 'name' | 'schema'>,
  json: unknown,
): C {
  const checked = checkSchema(network.schema, json);
  if ('data' in checked) return checked.data;
  const [{ path, expected, received }] = checked.misfits;
  throw new ParameterError([network.name, ...path].join('.'), expected, received);
}

/** More layers in a row than any network has. */
const MOST_LAYERS = 256;

/** The shape of a tensor of a state dictionary, where it is there with that many dimensions. */
export function shapeOf(
  state: StateShapes,
  key: string,
  dimensions: number,
): readonly number[] | undefined {
  const shape = state.get(key);
  return shape?.length === dimensions ? shape : undefined;
}

/** How many of the keys that `key` makes of 0, 1, 2, … are there before the first that is not. */
export function countLayers(state: StateShapes, key: (index: number) => string): number {
  let count = 0;
  while (count < MOST_LAYERS && state.has(key(count))) count += 1;
  return count;
}

/** Numbers of features of a layer and of the hidden layer that a ratio makes of them. */
export type HiddenFeatures = readonly [features: number, hidden: number];

/** Ratios that architectures are published with, and that fewer digits would miss. */
const PUBLISHED = [2.66, 2.667];
const MOST_DIGITS = 6;

/**
 * The ratio that a configuration may have stated, given what layers it made: every hidden number is
 * the features times it, rounded down. A whole number where one fits, else a published one, else
 * the one with the fewest digits; undefined where none fits all.
 */
export function simplestRatio(layers: readonly HiddenFeatures[]): number | undefined {
  const fits = (ratio: number): boolean =>
    layers.every(([features, hidden]) => Math.floor(features * ratio) === hidden);
  const lowest = Math.max(...layers.map(([features, hidden]) => hidden / features));
  const rounded = (digits: number): number => Math.ceil(lowest * 10 ** digits) / 10 ** digits;
  const byDigits = Array.from({ length: MOST_DIGITS }, (_, digits) => rounded(digits + 1));
  return [rounded(0), ...PUBLISHED, ...byDigits, lowest].find(fits);
}
