import { input, ParameterScope, type Value } from '../../graph/index.js';
import type { Network, StateShapes } from '../../networks/network.js';
import type { PerceptualNetwork } from '../../networks/perceptual/perceptual-network.js';

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

/** A network that makes pictures, as detection sees it. */
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

/** A network that judges pictures, as detection sees it. */
export function perceptualCandidate(network: PerceptualNetwork): Candidate {
  return once(network, () => ({
    ...common(network),
    olderNames: () => new Map(),
    declare: (config, scope) => {
      const side = network.minimum(config);
      const shapes = Array.from({ length: network.pictures(config) }, () => [1, 3, side, side]);
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
