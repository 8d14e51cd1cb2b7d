import { ParameterError } from '../tensor/errors.js';
import type { Network } from './network.js';

/**
 * A network's configuration, checked and completed.
 * @throws ParameterError that names the first entry at fault.
 */
export function parseConfiguration<C>(network: Network<C>, json: unknown): C {
  const result = network.schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new ParameterError([network.name, ...path].join('.'), message, entryAt(json, path));
}

function entryAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    json,
  );
}
