import type { ParameterScope } from '../../graph/leaves.js';
import type { Value } from '../../graph/value.js';
import type { StateShapes } from '../network.js';
import type { z } from 'zod';

/** A network that judges pictures instead of making them. A new one is one object of this type. */
export interface PerceptualNetwork<C = unknown> {
  readonly name: string;
  /** Checks and completes a configuration read from JSON. */
  readonly schema: z.ZodType<C>;
  /** Whether a better picture has a lower or a higher score. */
  readonly better: 'lower' | 'higher';
  /** 2 where a picture is compared with its reference, 1 where it is judged alone. */
  pictures(config: C): 1 | 2;
  /** Smallest height and width that it takes. */
  minimum(config: C): number;
  /**
   * Declares the parameters in `scope`, under the names of the reference checkpoint, and builds
   * the scores [N] of RGB pictures [N, 3, H, W] in [0, 1]: the picture, then its reference.
   */
  build(config: C, scope: ParameterScope, pictures: readonly Value[]): Value;
  /** As in `Network`. */
  aliases?(config: C): ReadonlyMap<string, string>;
  /** As in `Network`. */
  configure?(state: StateShapes): Record<string, unknown> | undefined;
  /** True for a key of a reference checkpoint whose value is computed here, not loaded. */
  isBuffer?(key: string): boolean;
}
