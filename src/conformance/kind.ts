import type { ConformanceCase } from './case.js';

/** A comparison with the reference; it passes where the error is at most the tolerance. */
export interface Comparison {
  readonly error: number;
  readonly tolerance: number;
  /** Which of several comparisons this is. */
  readonly part?: string;
}

/** The reason why a case cannot be run yet. */
export interface Skipped {
  readonly skip: string;
}

/** One sort of case, told by its content. A new one is one object of this type. */
export interface Kind {
  readonly name: string;
  recognises(candidate: ConformanceCase): boolean;
  /** @throws Error where the case is damaged or what it tests fails. */
  run(candidate: ConformanceCase): Promise<Comparison | Skipped>;
}
