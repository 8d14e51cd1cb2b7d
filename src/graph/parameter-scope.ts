import { ModelError } from '../tensor/errors.js';
import { type Initial, type ParameterAttributes, parameter } from './leaves.js';
import type { Value } from './value.js';

/**
 * Where a network declares its parameters, under the names of its reference checkpoint. Asking
 * twice for a name gives the same value, so that shared weights are shared.
 *
 * @example
 * const scope = new ParameterScope();
 * const weight = scope.child('conv_first').parameter('weight', [64, 3, 3, 3]);
 */
export class ParameterScope {
  readonly #prefix: string;
  readonly #declared: Map<string, Value<ParameterAttributes>>;

  constructor(prefix = '', declared = new Map<string, Value<ParameterAttributes>>()) {
    this.#prefix = prefix;
    this.#declared = declared;
  }

  /**
   * The parameter `name` below this scope's prefix.
   * @throws ModelError where the name was declared before with another shape.
   */
  parameter(name: string, shape: readonly number[], initial?: Initial): Value<ParameterAttributes> {
    const fullName = this.#prefix + name;
    const known = this.#declared.get(fullName);
    if (known === undefined) {
      const value = parameter(fullName, shape, initial);
      this.#declared.set(fullName, value);
      return value;
    }
    if (known.shape.join() !== shape.join())
      throw new ModelError(fullName, `declared as [${known.shape}] and again as [${shape}]`);
    return known;
  }

  /** The scope one level down: its names start with `name` and a dot. */
  child(name: string): ParameterScope {
    return new ParameterScope(`${this.#prefix}${name}.`, this.#declared);
  }

  /** Everything declared so far, by full name, in order of declaration. */
  declared(): ReadonlyMap<string, Value<ParameterAttributes>> {
    return this.#declared;
  }
}
