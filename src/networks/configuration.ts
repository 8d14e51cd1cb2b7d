import { ParameterError } from '../tensor/errors.js';
import type { Network } from './network.js';

/**
 * A network's configuration, checked and completed.
 * @throws ParameterError that names the first entry at fault.
 */
export function parseConfiguration<C>(
  network: Pick<Network<C>, 'name' | 'schema'>,
  json: unknown,
): C {
  const result = network.schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = unknown === undefined ? issue.path : [...issue.path, unknown];
  const expected = unknown === undefined ? expectation(issue.message) : 'no such entry';
  throw new ParameterError([network.name, ...path].join('.'), expected, entryAt(json, path));
}

/** What zod's message says was expected. */
function expectation(message: string): string {
  return /expected (.+?)(?:, received .*)?$/.exec(message)?.[1] ?? `another value (${message})`;
}

function entryAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    json,
  );
}
