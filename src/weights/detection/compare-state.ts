import { input, ParameterScope, type Value } from '../../graph/index.js';
import {
  type Network,
  type PerceptualNetwork,
  parseConfiguration,
  type StateShapes,
} from '../../networks/network.js';
import { DpirError } from '../../utils/errors.js';

/** A tensor that has another shape than the parameter of its name. */
export interface Misshapen {
  readonly key: string;
  readonly expected: readonly number[];
  readonly received: readonly number[];
}

/** A state dictionary held against an architecture under one configuration. */
export interface Comparison {
  readonly candidate: Candidate;
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

/** True where every parameter is there in its shape, and nothing else. */
export function agrees({ missing, unexpected, misshapen, reason }: Comparison): boolean {
  return reason === undefined && missing.length + unexpected.length + misshapen.length === 0;
}

/**
 * Holds a state dictionary against an architecture under a configuration as `schema` reads it.
 * Keys may be the declared names, their second names or, where no newer key holds the parameter,
 * their older names.
 * @param mostParameters where to stop: a few keys can count up to a great product.
 */
export function compareState(
  candidate: Candidate,
  statedConfig: Record<string, unknown>,
  state: StateShapes,
  mostParameters = state.size + 1000,
): Comparison {
  const names = new Map<string, string>();
  const buffers: string[] = [];
  const nothing = { candidate, statedConfig, names, buffers, missing: [], misshapen: [] };
  let config: unknown;
  let declared: ReadonlyMap<string, readonly number[]>;
  try {
    config = parseConfiguration(candidate, statedConfig);
    declared = declaredShapes(candidate, config, mostParameters);
  } catch (cause) {
    const keys = { ...nothing, config, unexpected: [...state.keys()] };
    if (cause instanceof TooManyParameters)
      return { ...keys, reason: 'its keys count more layers than they fill' };
    if (cause instanceof DpirError) return { ...keys, reason: cause.message };
    throw cause;
  }
  const aliases = candidate.aliases(config);
  const older = candidate.olderNames(config);
  const unexpected: string[] = [];
  const misshapen: Misshapen[] = [];
  const found = new Set<string>();
  for (const [key, received] of state) {
    const name = declared.has(key) ? key : (aliases.get(key) ?? older.get(key));
    const expected = name === undefined ? undefined : declared.get(name);
    if (name === undefined || expected === undefined) {
      (candidate.isBuffer(key) ? buffers : unexpected).push(key);
    } else if (name !== key && !aliases.has(key) && state.has(name)) {
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

/** What detection must know of an architecture, of whichever kind. */
export interface Candidate extends Pick<Network, 'name' | 'schema'> {
  configure(state: StateShapes): Record<string, unknown> | undefined;
  aliases(config: unknown): ReadonlyMap<string, string>;
  olderNames(config: unknown): ReadonlyMap<string, string>;
  isBuffer(key: string): boolean;
  /** Builds the smallest graph, which declares every parameter in `scope`. */
  declare(config: unknown, scope: ParameterScope): void;
}

const known = new WeakMap<object, Candidate>();

/** One candidate per network, so that what is learned about it can be kept. */
function once(network: object, make: () => Candidate): Candidate {
  const candidate = known.get(network) ?? make();
  known.set(network, candidate);
  return candidate;
}

/** A network that makes images, as detection sees it. */
export function networkCandidate(network: Network): Candidate {
  return once(network, () => ({
    ...common(network),
    olderNames: (config) => network.olderNames?.(config) ?? new Map(),
    declare: (config, scope) => {
      const { minimum } = network.sizeRule(config);
      const size = { batch: 1, height: minimum, width: minimum };
      network.build(config, scope, inputs(network.inputShapes(config, size)));
    },
  }));
}

/** A network that judges images, as detection sees it. */
export function perceptualCandidate(network: PerceptualNetwork): Candidate {
  return once(network, () => ({
    ...common(network),
    olderNames: () => new Map(),
    declare: (config, scope) => {
      const side = network.minimum(config);
      const shapes = Array.from({ length: network.images(config) }, () => [1, 3, side, side]);
      network.build(config, scope, inputs(shapes));
    },
  }));
}

function common(network: Network | PerceptualNetwork) {
  return {
    name: network.name,
    schema: network.schema,
    configure: (state: StateShapes) => network.configure?.(state),
    aliases: (config: unknown) => network.aliases?.(config) ?? new Map<string, string>(),
    isBuffer: (key: string) => network.isBuffer?.(key) ?? false,
  };
}

function inputs(shapes: readonly (readonly number[])[]): Value[] {
  return shapes.map((shape, index) => input(`input${index}`, shape));
}

/** Thrown inside detection alone: an architecture asks for more parameters than a file has. */
export class TooManyParameters extends Error {}

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
export function declaredShapes(
  candidate: Candidate,
  config: unknown,
  limit: number,
): ReadonlyMap<string, readonly number[]> {
  const scope = new ParameterScope('', new LimitedMap(limit));
  candidate.declare(config, scope);
  return new Map([...scope.declared()].map(([name, { shape }]) => [name, shape]));
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
 * the next one, and so on. Some networks' own names start alike, so that each is worth a try.
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
