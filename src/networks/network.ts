import type { ParameterScope } from '../graph/leaves.js';
import type { Value } from '../graph/value.js';
import type { z } from 'zod';

/** Which sizes a network works on inside; it pads by itself. */
export interface SizeRule {
  /** Height and width are padded to a multiple of this. */
  readonly multiple: number;
  /** Height and width are padded to at least this. */
  readonly minimum: number;
}

/** How many pictures a graph takes at once, and their size in pixels. */
export interface PictureSize {
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
  /** Shapes of the inputs for a batch of pictures of height x width pixels, in the order of `build`. */
  inputShapes(config: C, size: PictureSize): readonly (readonly number[])[];
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
   * A fusion network in two parts, so that what depends on the restored picture alone is computed
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
