import { ParameterError } from '../utils/errors.js';
import {
  type InputKind,
  type RestoreOption,
  type RestoreOptionName,
  restoreOptionRows,
  restoreOptions,
} from './options.js';
import type { BurstFilesRequest } from './restore-request.js';

/** The name of an option in requests of the library, such as `limits.maxPixels`. */
export function pathOf(name: RestoreOptionName): string {
  const row: RestoreOption = restoreOptions[name];
  return row.path ?? name;
}

/**
 * The request of the library for values of options: `maxBytes` becomes `limits.maxBytes`. Options
 * of the command line alone are dropped.
 */
export function requestOf(values: Readonly<Partial<Record<RestoreOptionName, unknown>>>) {
  const request: Record<string, unknown> = {};
  for (const [name, { inputs }] of restoreOptionRows) {
    const value = values[name];
    if (value === undefined || inputs.length === 0) continue;
    const [key, entry] = pathOf(name).split('.') as [string, string?];
    request[key] = entry === undefined ? value : { ...(request[key] as object), [entry]: value };
  }
  return request as BurstFilesRequest;
}

/** The value of an option in a request of the library. */
export function valueIn(request: BurstFilesRequest, name: RestoreOptionName): unknown {
  const [key, entry] = pathOf(name).split('.') as [keyof BurstFilesRequest, string?];
  const value: unknown = request[key];
  if (entry === undefined) return value;
  return (value as Readonly<Record<string, unknown>> | undefined)?.[entry];
}

/**
 * Refuses options that do not exist for an input.
 * @param others names that are accepted besides the table's.
 * @throws ParameterError that lists the options of such inputs.
 */
export function requireKnownOptions(
  options: object,
  input: InputKind,
  others: readonly string[] = [],
): void {
  const known = new Set(others);
  for (const [name, { inputs }] of restoreOptionRows)
    if (inputs.includes(input)) known.add(pathOf(name).split('.')[0]!);
  for (const [key, value] of Object.entries(options))
    if (value !== undefined && !known.has(key))
      throw new ParameterError(`options.${key}`, `one of ${[...known].join(', ')}`, key);
}
