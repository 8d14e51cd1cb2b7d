import type { SerializedError } from './serialized-error.js';

/** What the parent tells an engine process. */
export type ToChild =
  | {
      readonly kind: 'run';
      readonly module: string;
      readonly name: string;
      readonly payload: unknown;
    }
  | { readonly kind: 'cancel' };

/** What an engine process tells its parent. */
export type ToParent =
  | { readonly kind: 'begun' }
  | { readonly kind: 'progress'; readonly message: unknown }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failure'; readonly error: SerializedError };
