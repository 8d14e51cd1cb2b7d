import { type Network, parseConfiguration, type StateShapes } from '../../networks/network.js';
import { DpirError } from '../../utils/errors.js';
import { declaredParameters } from '../module-file.js';

/** A tensor that has another shape than the parameter of its name. */
interface Misshapen {
  readonly key: string;
  readonly expected: readonly number[];
  readonly received: readonly number[];
}

/** Comparison of a state dictionary with an architecture under one configuration. */
export interface Comparison {
  readonly candidate: Network;
  readonly config: unknown;
  readonly statedConfig: Record<string, unknown>;
  /** Every key that holds a parameter, with the name under which it is declared. */
  readonly names: ReadonlyMap<string, string>;
  /** Keys whose values are computed, not loaded. */
  readonly buffers: readonly string[];
  /** Declared parameters that no key holds. */
  readonly missing: readonly string[];
  /** Keys that are no parameter. */
  readonly unexpected: readonly string[];
  readonly misshapen: readonly Misshapen[];
  /** Why the configuration that was read off cannot be built, where it cannot. */
  readonly reason?: string;
}

/** True where a state dictionary has exactly the declared parameters in their shapes. */
export function isMatch({ missing, unexpected, misshapen, reason }: Comparison): boolean {
  return reason === undefined && missing.length + unexpected.length + misshapen.length === 0;
}

/**
 * Compares a state dictionary with an architecture under a configuration as `schema` reads it.
 * Keys may be the declared names, their second names or, where no newer key holds the parameter,
 * their older names.
 * @param maxParameters limit of declared parameters, which few keys could make very many.
 */
export function compareState(
  candidate: Network,
  statedConfig: Record<string, unknown>,
  state: StateShapes,
  maxParameters = state.size + 1000,
): Comparison {
  const names = new Map<string, string>();
  const buffers: string[] = [];
  const nothing = { candidate, statedConfig, names, buffers, missing: [], misshapen: [] };
  let config: unknown;
  let declared: ReadonlyMap<string, readonly number[]>;
  try {
    config = parseConfiguration<unknown>(candidate, statedConfig);
    declared = declaredShapes(candidate, config, maxParameters);
  } catch (cause) {
    const keys = { ...nothing, config, unexpected: [...state.keys()] };
    if (cause instanceof TooManyParameters)
      return { ...keys, reason: 'its keys count more layers than they have parameters for' };
    if (cause instanceof DpirError) return { ...keys, reason: cause.message };
    throw cause;
  }
  const aliases = candidate.aliases?.(config);
  const older = candidate.olderNames?.(config);
  const unexpected: string[] = [];
  const misshapen: Misshapen[] = [];
  const found = new Set<string>();
  for (const [key, received] of state) {
    const name = declared.has(key) ? key : (aliases?.get(key) ?? older?.get(key));
    const expected = name === undefined ? undefined : declared.get(name);
    if (name === undefined || expected === undefined) {
      (candidate.isBuffer?.(key) ? buffers : unexpected).push(key);
    } else if (name !== key && aliases?.has(key) !== true && state.has(name)) {
      unexpected.push(key);
    } else {
      if (received.join() !== expected.join()) misshapen.push({ key, expected, received });
      names.set(key, name);
      found.add(name);
    }
  }
  const missing = [...declared.keys()].filter((name) => !found.has(name));
  return { candidate, config, statedConfig, names, buffers, missing, unexpected, misshapen };
}

/** Thrown inside detection alone: an architecture asks for more parameters than a file has. */
class TooManyParameters extends Error {}

class LimitedMap<V> extends Map<string, V> {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override set(key: string, value: V): this {
    if (this.size >= this.#limit && !this.has(key)) throw new TooManyParameters();
    return super.set(key, value);
  }
}

/**
 * Shapes of the parameters that an architecture declares, by name.
 * @throws TooManyParameters beyond `limit` of them.
 */
function declaredShapes(
  candidate: Network,
  config: unknown,
  limit: number,
): ReadonlyMap<string, readonly number[]> {
  const declared = declaredParameters(candidate, config, new LimitedMap(limit));
  return new Map([...declared].map(([name, { shape }]) => [name, shape]));
}

/** What wrappers and training frameworks put before every name of a network. */
const PREFIXES = [
  'module.',
  'model.',
  'net_g.',
  'net_g_ema.',
  'generator.',
  'netG.',
  'net.',
  '_orig_mod.',
] as const;

/** Wrappers around each other; a name has room for many more. */
const MOST_WRAPPERS = 4;

/** A state dictionary without a prefix that all its keys share. */
export interface Stripped {
  readonly prefix: string;
  readonly state: StateShapes;
}

/**
 * A state dictionary as it is, then without the wrapper's prefix that all its keys share, without
 * the next one, and so on. Names of some networks start with a prefix, so each form is tried.
 */
export function withoutPrefixes(state: StateShapes): readonly Stripped[] {
  const forms: Stripped[] = [{ prefix: '', state }];
  const keys = [...state.keys()];
  let prefix = '';
  const next = (): string | undefined =>
    PREFIXES.find((part) => keys.every((key) => key.startsWith(part, prefix.length)));
  while (forms.length <= MOST_WRAPPERS) {
    const part = next();
    if (part === undefined) break;
    prefix += part;
    forms.push({
      prefix,
      state: new Map([...state].map(([key, shape]) => [key.slice(prefix.length), shape])),
    });
  }
  return forms;
}
